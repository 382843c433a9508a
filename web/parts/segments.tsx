/** One of a few, as buttons in a row. Arrow keys move inside of it. */
import type { JSX, TargetedKeyboardEvent } from 'preact';

export interface SegmentsProps {
  readonly label: string;
  readonly items: readonly { readonly value: string; readonly text: string }[];
  /** Undefined: none is pressed. */
  readonly chosen: string | undefined;
  readonly onChoose: (value: string) => void;
}

export function Segments({ label, items, chosen, onChoose }: SegmentsProps): JSX.Element {
  return (
    <div class="seg" role="group" aria-label={label} onKeyDown={moveFocus}>
      {items.map(({ value, text }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => {
            onChoose(value);
          }}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

function moveFocus(event: TargetedKeyboardEvent<HTMLDivElement>): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
  event.preventDefault();
}
