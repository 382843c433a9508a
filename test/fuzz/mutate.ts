/** Bad input made of good one: the same for the same seed. */
import { chance } from '../faults/chance.ts';

/** What parsers stumble over: ends and escapes of the formats, numbers beyond every type, names of properties, odd characters. */
const TOKENS = [
  ...[
    '\0',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '"',
    "'",
    '\\',
    '/',
    '|',
    ',',
    ';',
    ':',
    '=',
    '#',
    '~',
    '!',
    '*',
    '?',
    '.',
    '-',
    '_',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '[[',
    '${',
    '{{',
    '}}',
    '<!doctype html>',
    "unable to parse '",
    '\u001b[2J',
    '\u007f',
  ],
  ...[
    '-1',
    '0',
    '1e999',
    '-1e-999',
    '0x1f',
    'NaN',
    'Infinity',
    'null',
    'true',
    '9007199254740993',
    '18446744073709551616',
  ],
  ...[
    '9'.repeat(400),
    `1.${'0'.repeat(300)}1`,
    '__proto__',
    'constructor',
    'x100000',
    '1000000w',
    '\u202e',
    '\ufeff',
    '\u2028',
  ],
  ...['é', 'à', '💥', '\u00a0'],
].map((token) => Buffer.from(token));
const INVALID_UTF8 = [0xff, 0xc0, 0xed, 0x80].map((byte) => Buffer.of(byte));
const FRAGMENTS: readonly Buffer[] = [...TOKENS, ...INVALID_UTF8];

/** One input of so many is large. */
const ONE_LARGE_OF = 400;
const MOST_EDITS = 6;

/** Draws integers from 0 to `below`, exclusive. Mulberry32: a million a second, where `chance` would take most of the run. */
type Draw = (below: number) => number;

function drawFrom(seed: string): Draw {
  let state = Math.floor(chance(seed)() * 2 ** 32);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/**
 * @param seed of this one input
 * @param examples valid inputs, at least one
 * @param longest length of a large input, bytes
 */
export function mutated(seed: string, examples: readonly Buffer[], longest: number): Buffer {
  const draw = drawFrom(seed);
  const example = () => examples[draw(examples.length)] ?? Buffer.alloc(0);
  let bytes: Buffer = Buffer.from(example());
  for (let left = draw(MOST_EDITS); left >= 0; left -= 1)
    bytes = EDITS[draw(EDITS.length)]?.(bytes, draw, example) ?? bytes;
  return (draw(ONE_LARGE_OF) === 0 ? swollen(bytes, draw, longest) : bytes).subarray(0, longest);
}

type Edit = (bytes: Buffer, draw: Draw, example: () => Buffer) => Buffer;

const EDITS: readonly Edit[] = [flip, insert, insert, remove, repeat, truncate, splice, number];

function flip(bytes: Buffer, draw: Draw): Buffer {
  const at = draw(bytes.length);
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(8));
  return bytes;
}

function insert(bytes: Buffer, draw: Draw): Buffer {
  const at = draw(bytes.length + 1);
  return replaced(bytes, at, at, FRAGMENTS[draw(FRAGMENTS.length)] ?? bytes);
}

function remove(bytes: Buffer, draw: Draw): Buffer {
  const at = draw(bytes.length + 1);
  return replaced(bytes, at, at + draw(20), Buffer.alloc(0));
}

function repeat(bytes: Buffer, draw: Draw): Buffer {
  const at = draw(bytes.length + 1);
  const part = bytes.subarray(at, at + 1 + draw(60));
  return replaced(bytes, at, at, Buffer.concat(Array.from({ length: 1 + draw(4) }, () => part)));
}

function truncate(bytes: Buffer, draw: Draw): Buffer {
  return bytes.subarray(0, draw(bytes.length + 1));
}

function splice(bytes: Buffer, draw: Draw, example: () => Buffer): Buffer {
  const other = example();
  return Buffer.concat([bytes.subarray(0, draw(bytes.length + 1)), other.subarray(draw(other.length + 1))]);
}

/** Replaces a number, of which formats are full. */
function number(bytes: Buffer, draw: Draw): Buffer {
  const numbers = [...bytes.toString('latin1').matchAll(/-?\d+(?:\.\d+)?/g)];
  const found = numbers[draw(numbers.length)];
  if (found === undefined) return bytes;
  return replaced(bytes, found.index, found.index + found[0].length, FRAGMENTS[draw(FRAGMENTS.length)] ?? bytes);
}

/** One part, repeated until the input is as long as it may be: finds time that grows faster than the input, and deep nesting. */
function swollen(bytes: Buffer, draw: Draw, longest: number): Buffer {
  const at = draw(bytes.length + 1);
  const own = bytes.subarray(at, at + 1 + draw(draw(2) === 0 ? 40 : 4));
  const part = draw(2) === 0 || own.length === 0 ? (FRAGMENTS[draw(FRAGMENTS.length)] ?? own) : own;
  const room = Math.max(0, longest - bytes.length);
  return replaced(bytes, at, at, Buffer.alloc(room, part));
}

function replaced(bytes: Buffer, from: number, to: number, part: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), part, bytes.subarray(to)]);
}
