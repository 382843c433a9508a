/** What is wrong, as a sentence. */
import type { Level } from '../draw/theme.ts';

export interface Problem {
  /** Stays the same while it lasts. */
  readonly id: string;
  readonly level: Level;
  readonly text: string;
  /** Who, how much, what was done about it. */
  readonly evidence: string;
  /** ms since the Unix epoch. */
  readonly since: number | undefined;
  /** Of a firing alert. */
  readonly alert?: { readonly fingerprint: string; readonly rule: string };
}

export interface Problems {
  readonly list: readonly Problem[];
  /** Checks that found nothing; undefined if nobody counts them. */
  readonly fine: number | undefined;
}

/** Silenced and acknowledged problems sink. */
export function isHandled({ level }: Problem): boolean {
  return level === 'silenced' || level === 'acknowledged';
}
