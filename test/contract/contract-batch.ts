import { LineBatch } from '../../src/core/batch.ts';
import { parseLines } from '../../src/core/line-protocol.ts';
import type { Batch } from '../../src/plugin.ts';

/** @param lines line protocol without newlines at the end */
export function batchOf(lines: readonly string[]): Batch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const { errors } = parseLines(bytes);
  if (errors.length > 0) throw new Error(`The test's own lines are wrong: ${errors.map((e) => e.message).join('; ')}`);
  return new LineBatch(bytes, lines.length);
}

/** What is easy to damage on the way: escapes, text beyond ASCII, 64-bit integers, newlines in strings. */
export const DIFFICULT_LINES = [
  'cpu,cpu=cpu0,host=a usage_idle=99.5,n=9007199254740993i 1700000000000000001',
  'we\\ ather,ci\\,ty=M\\=ünchen,emoji=🌧 wet=true,note="a \\"quoted\\" back\\\\slash" 1700000000000000002',
  'log,host=b text="two\nlines",语言="中文" 1700000000000000003',
] as const;
