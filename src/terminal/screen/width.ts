/** How many columns a text takes on a terminal. */

/**
 * East Asian Wide and Fullwidth (UAX #11) and emoji by default, by properties that JavaScript knows. Compared with the
 * Unicode database: they are the same set.
 */
const WIDE =
  /^(?![\u02ea\u02eb\u1160-\u11ff\ud7b0-\ud7ff\uff61-\uffdc\u{1f1e6}-\u{1f1ff}])[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Hangul}\p{Script=Yi}\p{Script=Tangut}\p{Script=Nushu}\p{Script=Khitan_Small_Script}\u2329\u232a\u2e80-\u303e\u3099-\u30ff\u3190-\u31ef\u3200-\u3247\u3250-\u4dbf\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{16ff1}\u{1f200}-\u{1f265}]/u;

/** Regional indicators are narrow alone, but a pair is a flag. */
const FLAG = /^\p{Regional_Indicator}{2}/u;

/** Asks for the colourful form of a character that is plain by default. */
const EMOJI_FORM = '\ufe0f';

/** Marks that add to the character before them. */
const MARK = /^[\p{Mn}\p{Me}]/u;

/**
 * Characters of one column that never join with others: Latin-1, arrows, lines, blocks, the shapes of states and braille. Finding
 * graphemes takes 20 times as long, and screens are made of these.
 */
const PLAIN =
  /^[\x20-\x7e\xa1-\xac\xae-\xff\u2013\u2026\u2190-\u21ff\u2500-\u259f\u25b2\u25bc\u25c6\u25cc\u2800-\u28ff]*$/;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** @returns 1 or 2 */
export function graphemeWidth(grapheme: string): 1 | 2 {
  return WIDE.test(grapheme) || FLAG.test(grapheme) || grapheme.includes(EMOJI_FORM) ? 2 : 1;
}

/** Each UTF-16 unit of the text is a character of one column. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** A mark that has nothing to add to gets a space. */
export function graphemesOf(text: string): readonly string[] {
  if (isPlain(text)) return text.split('');
  return Array.from(segmenter.segment(text), ({ segment }) => (MARK.test(segment) ? ` ${segment}` : segment));
}

export function textWidth(text: string): number {
  if (isPlain(text)) return text.length;
  return graphemesOf(text).reduce((sum, grapheme) => sum + graphemeWidth(grapheme), 0);
}

/** At most this many columns; what is cut ends with the ellipsis, if there is room for it. */
export function fitText(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return '';
  if (isPlain(text) && text.length <= width) return text;
  const graphemes = graphemesOf(text);
  const room = width - ellipsis.length;
  let [taken, cut] = [0, 0];
  for (const [index, grapheme] of graphemes.entries()) {
    taken += graphemeWidth(grapheme);
    if (taken <= room) cut = index + 1;
    if (taken > width) return graphemes.slice(0, cut).join('') + (room >= 0 ? ellipsis : '');
  }
  return text;
}

/** Cut or filled with spaces to exactly this many columns. */
export function padText(text: string, width: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  const fitted = fitText(text, width, ellipsis);
  const space = ' '.repeat(Math.max(0, width - textWidth(fitted)));
  return align === 'left' ? fitted + space : space + fitted;
}
