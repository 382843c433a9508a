/** How many dead letters there are, by output. */
import { readFile, stat } from 'node:fs/promises';

import { unlessMissing } from '../core/errors.ts';

import { parseLetters } from './letters.ts';

export interface LetterCount {
  readonly output: string;
  readonly lines: number;
  readonly bytes: number;
  /** Of the oldest, ms since the Unix epoch. */
  readonly since: number;
  /** Why the newest were refused. */
  readonly reason: string;
}

/** Counts again only if a file has changed. @throws if a file cannot be read */
export function createLetterCounter(path: string): () => Promise<readonly LetterCount[]> {
  const files = [`${path}.1`, path];
  let known: { readonly state: string; readonly counts: Promise<readonly LetterCount[]> } | undefined;
  return async () => {
    const states = await Promise.all(files.map((file) => unlessMissing(stat(file))));
    const state = states.map((status) => (status === undefined ? '-' : `${status.size} ${status.mtimeMs}`)).join();
    if (known?.state !== state) known = { state, counts: count(files) };
    return known.counts;
  };
}

async function count(files: readonly string[]): Promise<readonly LetterCount[]> {
  const byOutput = new Map<string, LetterCount>();
  for (const file of files) {
    const bytes = await unlessMissing(readFile(file));
    if (bytes === undefined) continue;
    for (const { output, lines, size, time, reason } of parseLetters(bytes).groups) {
      const before = byOutput.get(output);
      const since = Math.min(before?.since ?? Infinity, Date.parse(time));
      const [sum, length] = [(before?.lines ?? 0) + size, (before?.bytes ?? 0) + lines.length];
      byOutput.set(output, { output, lines: sum, bytes: length, since, reason });
    }
  }
  return [...byOutput.values()];
}
