/** The bytes with a meaning in line protocol, and their classes. */
const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const QUOTE = 0x22;
export const HASH = 0x23;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const ZERO = 0x30;
export const NINE = 0x39;
export const EQUALS = 0x3d;
export const BACKSLASH = 0x5c;
export const LOWER_E = 0x65;
export const LOWER_I = 0x69;
export const LOWER_U = 0x75;

/** Separates the parts of a line: a space, or a tab, which Telegraf takes too. */
export function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** May not be in a name, a tag or a field key. */
export function isControl(byte: number | undefined): boolean {
  return byte !== undefined && (byte < SPACE || byte === 0x7f);
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Bytes that a backslash escapes outside of strings. */
export function isEscapable(byte: number | undefined): boolean {
  return byte === COMMA || byte === EQUALS || byte === SPACE;
}
