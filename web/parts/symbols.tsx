/** Shapes that icons refer to by name; each must be in the document once. */
import type { JSX } from 'preact';

/** @param props.of name → what is inside of a 16 × 16 symbol */
export function Symbols({ of }: { of: Readonly<Record<string, JSX.Element>> }): JSX.Element {
  return (
    <svg class="sprite" aria-hidden="true">
      <defs>
        {Object.entries(of).map(([name, shape]) => (
          <symbol key={name} id={name} viewBox="0 0 16 16">
            {shape}
          </symbol>
        ))}
      </defs>
    </svg>
  );
}
