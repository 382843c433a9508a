/** The shapes of states and the icons, once in the document. Each state has its own shape. */
import type { JSX } from 'preact';

/** Name → what is inside of a 16 × 16 symbol. */
const SYMBOLS = {
  crit: (
    <>
      <path d="M8 .8 15.2 8 8 15.2.8 8z" fill="currentColor" stroke="none" />
      <path d="M8 4.6v3.8M8 10.9v.2" stroke="var(--surface)" stroke-width="1.8" />
    </>
  ),
  warn: (
    <>
      <path d="M8 2 15 14H1z" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 6.6v3.2M8 11.9v.1" stroke-width="1.6" />
    </>
  ),
  'warn-s': (
    <>
      <path d="M8 1.2 15.6 14.6H.4z" fill="currentColor" stroke="none" />
    </>
  ),
  'unk-s': (
    <>
      <circle cx="8" cy="8" r="6" stroke-width="2.6" stroke-dasharray="4 2.3" />
    </>
  ),
  info: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="3" />
      <path d="M8 7.4v3.4M8 5v.1" />
    </>
  ),
  ok: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="m5.3 8.2 1.9 1.9 3.5-4" />
    </>
  ),
  unk: (
    <>
      <circle cx="8" cy="8" r="6.2" stroke-dasharray="2.6 2.3" />
      <path d="M6.3 6.4a1.8 1.8 0 1 1 2.5 1.8c-.6.3-.8.6-.8 1.1M8 11.2v.1" />
    </>
  ),
  down: (
    <>
      <rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2" fill="currentColor" stroke="none" />
      <path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4" stroke="var(--surface)" stroke-width="1.8" />
    </>
  ),
  mute: (
    <>
      <path d="M4 11.5V7a4 4 0 0 1 6.6-3M12 7.2v4.3M2.6 11.5h8.9M6.8 14h2.4M2 2l12 12" />
    </>
  ),
  ack: (
    <>
      <circle cx="6.5" cy="5" r="2.8" />
      <path d="M1.6 13.8c.3-2.8 2.3-4.2 4.9-4.2.9 0 1.7.2 2.4.5M10 12.2l1.7 1.7 3-3.6" />
    </>
  ),
  find: (
    <>
      <circle cx="7" cy="7" r="4.6" />
      <path d="m10.5 10.5 3.6 3.6" />
    </>
  ),
  down1: (
    <>
      <path d="m4 6.2 4 4 4-4" />
    </>
  ),
  right: (
    <>
      <path d="m6.2 4 4 4-4 4" />
    </>
  ),
  left: (
    <>
      <path d="m9.8 4-4 4 4 4" />
    </>
  ),
  theme: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
  home: (
    <>
      <path d="M1.6 9h3l1.6-4.6L9.4 12l1.5-3h3.5" />
    </>
  ),
  proc: (
    <>
      <path d="M2.5 4h11M2.5 8h8M2.5 12h5" />
    </>
  ),
  box: (
    <>
      <path d="M2.5 5 8 2.2 13.5 5v6L8 13.8 2.5 11zM2.5 5 8 7.8 13.5 5M8 7.8v6" />
    </>
  ),
  bell: (
    <>
      <path d="M4 11.5V7a4 4 0 1 1 8 0v4.5M2.6 11.5h10.8M6.8 14h2.4" />
    </>
  ),
  more: (
    <>
      <path d="M3.5 8h.1M8 8h.1M12.4 8h.1" stroke-width="2.4" />
    </>
  ),
  x: (
    <>
      <path d="m4 4 8 8m0-8-8 8" />
    </>
  ),
  pause: (
    <>
      <path d="M5.5 3.5v9m5-9v9" stroke-width="2" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="6.2" />
      <path d="M8 4.6V8l2.4 1.6" />
    </>
  ),
  link: (
    <>
      <path d="M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.4-2.4A2.6 2.6 0 0 0 9 3.3l-.8.8M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.8-.8" />
    </>
  ),
} as const satisfies Readonly<Record<string, JSX.Element>>;

export type IconName = keyof typeof SYMBOLS;

/** Must be in the document once. */
export function Sprite(): JSX.Element {
  return (
    <svg class="sprite" aria-hidden="true">
      <defs>
        {Object.entries(SYMBOLS).map(([name, shape]) => (
          <symbol key={name} id={name} viewBox="0 0 16 16">
            {shape}
          </symbol>
        ))}
      </defs>
    </svg>
  );
}

/** @param props.label for an icon that says something by itself; without it, it is decoration */
export function Icon({ name, tone = '', label }: IconProps): JSX.Element {
  const spoken =
    label === undefined ? ({ 'aria-hidden': true } as const) : ({ role: 'img', 'aria-label': label } as const);
  return (
    <svg class={`i ${tone}`} {...spoken}>
      <use href={`#${name}`} />
    </svg>
  );
}

interface IconProps {
  readonly name: IconName;
  readonly tone?: 'crit' | 'warn' | 'unk' | 'mut' | 'ok' | '';
  readonly label?: string;
}
