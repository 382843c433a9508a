/** A level as its shape, colour and word. Handled is quiet: it keeps its shape and loses its colour. */
import type { JSX } from 'preact';

import type { Finding } from '../api/answers.ts';

import { Icon, type IconName } from './icon.tsx';

export type Level = Finding['level'];

const SHAPES: Readonly<Record<Level, { icon: IconName; tone: 'crit' | 'warn' | 'unk' | 'mut'; word: string }>> = {
  critical: { icon: 'crit', tone: 'crit', word: 'Critical' },
  warning: { icon: 'warn', tone: 'warn', word: 'Warning' },
  unknown: { icon: 'unk', tone: 'unk', word: 'Unknown' },
  note: { icon: 'info', tone: 'mut', word: 'Note' },
};

export function StateIcon({ level, isQuiet = false }: { level: Level; isQuiet?: boolean }): JSX.Element {
  const { icon, tone, word } = SHAPES[level];
  return <Icon name={icon} tone={isQuiet ? 'mut' : tone} label={word} />;
}
