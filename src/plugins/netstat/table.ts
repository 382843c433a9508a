import { TCP_STATES, type SocketCounts } from './states.ts';

/** The kinds of socket table under /proc/net; tcp6 and udp6 have the columns of tcp and udp. */
export type TableKind = 'tcp' | 'udp' | 'unix';

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COLON = 0x3a;

/** Where the one word that matters stands, counted from 0: `sl local remote st …`, `Num RefCount Protocol Flags Type …`. */
const WORD = { tcp: 3, unix: 4 } as const;

/** `SOCK_DGRAM`, in the column Type of /proc/net/unix. */
const DATAGRAM = 2;

/**
 * Counts the sockets in the whole lines of a piece of a table. The bytes are looked at where they are; a table of 120,000
 * connections has 18 MB, of which no string is made.
 *
 * @returns how many bytes were used: up to and with the last newline
 */
export function countSockets(chunk: Uint8Array, kind: TableKind, counts: SocketCounts): number {
  let start = 0;
  for (;;) {
    const end = chunk.indexOf(NEWLINE, start);
    if (end === -1) return start;
    if (isSocket(chunk, start, end)) countLine(chunk, start, end, kind, counts);
    start = end + 1;
  }
}

/** The first word of a socket ends with a colon; that of a heading, or of a path with a newline in it, does not. */
function isSocket(chunk: Uint8Array, start: number, end: number): boolean {
  const word = skip(chunk, start, end, true);
  const wordEnd = skip(chunk, word, end, false);
  return wordEnd > word && chunk[wordEnd - 1] === COLON;
}

function countLine(chunk: Uint8Array, start: number, end: number, kind: TableKind, counts: SocketCounts): void {
  if (kind === 'udp') {
    counts.udp_socket += 1;
    return;
  }
  const value = hexWord(chunk, start, end, WORD[kind]);
  if (value === undefined) return;
  if (kind === 'unix') {
    counts[value === DATAGRAM ? 'udp_socket' : 'tcp_none'] += 1;
    return;
  }
  const field = TCP_STATES[value];
  if (field !== undefined) counts[field] += 1;
}

/** @returns the hexadecimal number that the n-th word is, or undefined if it is none or longer than four digits */
function hexWord(chunk: Uint8Array, start: number, end: number, n: number): number | undefined {
  let at = skip(chunk, start, end, true);
  for (let word = 0; word < n; word += 1) at = skip(chunk, skip(chunk, at, end, false), end, true);
  const wordEnd = skip(chunk, at, end, false);
  if (wordEnd === at || wordEnd - at > 4) return undefined;
  let value = 0;
  for (; at < wordEnd; at += 1) {
    const digit = hexDigit(chunk[at] ?? SPACE);
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** Over spaces, or over everything else. */
function skip(chunk: Uint8Array, start: number, end: number, spaces: boolean): number {
  let at = start;
  while (at < end && (chunk[at] === SPACE) === spaces) at += 1;
  return at;
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const upper = byte & ~0x20;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : undefined;
}
