/** Untrusted text on a terminal: a label or an error message must not move the cursor, set the title or hide a line. */

/** C0 and C1 controls, and characters that reorder or hide text: bidirectional controls, separators, zero-width ones. */
const UNSAFE = /[\p{Cc}\u00ad\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** Replaces control characters by `\n`, `\x1b` or `\u{202e}`, so that a terminal does not execute them. */
export function printable(text: string, { keepNewlines = false } = {}): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n') return keepNewlines ? character : '\\n';
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The same for JSON: an equal document, in which such characters are escaped. JSON itself escapes only some of them. */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, (character) => {
    if (character === '\n') return character; // between values: in a string it is escaped already
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
