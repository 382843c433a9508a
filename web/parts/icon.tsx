/** The shapes of states and icons. Each state has its own shape. What is not needed with the first charts is in `more-icons.tsx`. */
import type { JSX } from 'preact';

import type { MoreIconName } from './more-icons.tsx';
import { Symbols } from './symbols.tsx';

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
  right: (
    <>
      <path d="m6.2 4 4 4-4 4" />
    </>
  ),
  theme: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </>
  ),
} as const satisfies Readonly<Record<string, JSX.Element>>;

export type IconName = keyof typeof SYMBOLS | MoreIconName;

export function Sprite(): JSX.Element {
  return <Symbols of={SYMBOLS} />;
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
