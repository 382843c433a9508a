/** Schemas for the option types that many plugins share, so that a duration is written the same way everywhere. */
import { z } from 'zod';

import { parseBytes } from './bytes.ts';
import { parseDuration } from './duration.ts';

/** A duration such as `10s`; milliseconds after parsing. Give the default as text: `duration().default('10s')` does not parse it, so use `duration('10s')`. */
export function duration(fallback?: string) {
  const schema = z
    .string()
    .transform((text, context) => read(parseDuration, text, context))
    .meta({ format: 'duration' });
  return fallback === undefined ? schema : schema.prefault(fallback);
}

/** A size such as `50MiB` or a number of bytes; bytes after parsing. */
export function bytes(fallback?: string) {
  const schema = z
    .union([z.string(), z.number().int().nonnegative()])
    .transform((value, context) => (typeof value === 'number' ? value : read(parseBytes, value, context)))
    .meta({ format: 'bytes' });
  return fallback === undefined ? schema : schema.prefault(fallback);
}

/** A list of glob patterns: `*`, `?`, `[a-z]` and `{a,b}`. */
export function globs(fallback: readonly string[] = []) {
  return z.array(z.string().min(1)).default([...fallback]);
}

function read(parse: (text: string) => number, text: string, context: z.core.$RefinementCtx): number {
  try {
    return parse(text);
  } catch (error) {
    context.issues.push({ code: 'custom', message: (error as Error).message, input: text });
    return z.NEVER;
  }
}

/** Where an input takes its facts from: `native` reads /proc and /sys, `portable` asks the systeminformation package. */
export type Provider = 'auto' | 'native' | 'portable';

export function provider() {
  return z
    .enum(['auto', 'native', 'portable'])
    .default('auto')
    .describe('native reads /proc and /sys, portable asks systeminformation; auto is native on Linux, else portable');
}

export function isPortable(choice: Provider, platform: NodeJS.Platform): boolean {
  return choice === 'portable' || (choice === 'auto' && platform !== 'linux');
}
