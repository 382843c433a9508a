/** Icons that are loaded after the first charts. */
import type { JSX } from 'preact';

import { Symbols } from './symbols.tsx';

const SYMBOLS = {
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
  fleet: (
    <>
      <path d="M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z" />
    </>
  ),
  down1: (
    <>
      <path d="m4 6.2 4 4 4-4" />
    </>
  ),
  left: (
    <>
      <path d="m9.8 4-4 4 4 4" />
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
  table: (
    <>
      <path d="M2 3h12v10H2zM2 6.4h12M2 9.7h12M6.4 6.4V13" />
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

export type MoreIconName = keyof typeof SYMBOLS;

export function MoreIcons(): JSX.Element {
  return <Symbols of={SYMBOLS} />;
}
