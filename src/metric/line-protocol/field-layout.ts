import type { Fields } from '../metric.ts';
import { escapeKey, normalizeKeys } from './escape.ts';
import { packWords, WORD } from './word-writer.ts';

/**
 * The encoded keys of a metric's fields, in order. A series keeps its fields from line to line, so its layout is looked up
 * once; afterwards the names are only compared while the values are written. Series of one measurement share a layout.
 */
export interface FieldLayout {
  readonly names: readonly string[];
  /** `,key=` of each name, concatenated, each aligned to a word. */
  readonly words: Int32Array;
  /** Index of the first word of each key. */
  readonly starts: Int32Array;
  /** Bytes of each key; 0 if the normalized name is empty, in which case the field is omitted. */
  readonly lengths: Int32Array;
  /** Maximum bytes that writing one key needs. */
  readonly room: number;
}

/** One host has some dozens of layouts; data from outside can have any number. */
const LIMIT = 10_000;
const layouts = new Map<string, FieldLayout>();

export function layoutOf(fields: Fields): FieldLayout {
  const names: string[] = [];
  for (const name in fields) names.push(name);
  const spelling = JSON.stringify(names);
  const known = layouts.get(spelling);
  if (known !== undefined) return known;
  const layout = createLayout(names);
  if (layouts.size >= LIMIT) layouts.clear();
  layouts.set(spelling, layout);
  return layout;
}

function createLayout(names: readonly string[]): FieldLayout {
  const keys = normalizeKeys(names).map(encodeKey);
  const packed = keys.map(packWords);
  const starts = new Int32Array(keys.length);
  let size = 0;
  for (const [i, { length }] of packed.entries()) {
    starts[i] = size;
    size += length;
  }
  const words = new Int32Array(size);
  for (const [i, part] of packed.entries()) words.set(part, starts[i]);
  return {
    names,
    words,
    starts,
    lengths: Int32Array.from(keys, ({ length }) => length),
    room: WORD * Math.max(0, ...packed.map(({ length }) => length)),
  };
}

/** @param name in normal form */
function encodeKey(name: string): Buffer {
  return Buffer.from(name === '' ? '' : `,${escapeKey(name)}=`);
}
