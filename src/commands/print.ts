/**
 * How commands write. Names, labels, reasons and answers of servers come from outside, so everything passes here: the lint
 * forbids other writes in this folder.
 */
import { styleText } from 'node:util';

import { printable, printableJson } from '../core/printable.ts';

type Stream = Pick<NodeJS.WritableStream, 'write'> & { readonly isTTY?: boolean };

/** Text and a newline. Control characters are shown, except newlines and tabs. */
export function print(stream: Stream, text: string): void {
  stream.write(`${signed(printableText(text), stream)}\n`);
}

const SIGNS: Readonly<Record<string, string>> = { '✓': 'ok', '✗': '!!' };

/** Windows PowerShell reads what is piped to it in the code page of the console, which has no signs; they become letters. */
export function signed(text: string, { isTTY }: { readonly isTTY?: boolean }, platform = process.platform): string {
  if (platform !== 'win32' || isTTY === true) return text;
  return text.replaceAll(/^(\s*)([✓✗]) /gm, (_, blank: string, sign: string) => `${blank}${SIGNS[sign] ?? sign} `);
}

const STYLES = { strong: 'bold', quiet: 'dim', link: 'cyan', warning: 'yellow', problem: 'red' } as const;

/** A text, or one with a look. */
export type Piece = string | readonly [look: keyof typeof STYLES, text: string];

/** Text of one line. */
export type Line = readonly Piece[];

/** Whether the stream is a terminal with colours; NO_COLOR and FORCE_COLOR decide. */
export function hasLooks(stream: NodeJS.WriteStream): boolean {
  // `hasColors` is there only on terminals.
  return stream.isTTY && stream.hasColors();
}

/** Prints lines, with looks if the stream has them. */
export function printLines(stream: NodeJS.WriteStream, lines: readonly Line[]): void {
  const withLooks = hasLooks(stream);
  const painted = (piece: Piece) => {
    const [look, text] = typeof piece === 'string' ? [undefined, piece] : piece;
    const safe = printable(text);
    return look === undefined || !withLooks || safe === '' ? safe : styleText(STYLES[look], safe);
  };
  stream.write(signed(lines.map((line) => `${line.map(painted).join('').trimEnd()}\n`).join(''), stream));
}

/** Lines of a drawing: they have looks, and what came from outside was made printable before. */
export function printDrawing(stream: Stream, lines: readonly string[]): void {
  stream.write(lines.map((line) => `${line}\n`).join(''));
}

/** A value as indented JSON, in which control characters are escaped. */
export function jsonText(value: unknown): string {
  return printableJson(JSON.stringify(value, undefined, 2));
}

/**
 * Data of the user's, which a file or another program gets as they are.
 *
 * @returns false if the stream is full
 */
export function printData(stream: Stream, data: Uint8Array): boolean {
  return stream.write(stream.isTTY === true ? printableText(Buffer.from(data).toString()) : data);
}

function printableText(text: string): string {
  return text
    .split('\t')
    .map((part) => printable(part, { keepNewlines: true }))
    .join('\t');
}
