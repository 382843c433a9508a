/** Lines with a label in front, for terminals of 80 columns. */
import type { Line, Piece } from './print.ts';

const WIDTH = 80;
const LABEL_WIDTH = 11;
const INDENT = '  ';

/** `  Label      text`; further lines have no label. */
export function labelled(label: string, lines: readonly Line[]): readonly Line[] {
  return lines.map((line, index) => [INDENT, ['quiet', (index === 0 ? label : '').padEnd(LABEL_WIDTH)], ...line]);
}

/** Words in lines that fit beside a label. A word that is longer than a line is not broken, so that it can be copied. */
export function wrapped(words: readonly string[], between = ' '): readonly Line[] {
  const room = WIDTH - INDENT.length - LABEL_WIDTH;
  const lines: string[] = [];
  for (const [index, word] of words.entries()) {
    const text = index < words.length - 1 ? `${word}${between}` : word;
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length <= room) lines[lines.length - 1] = last + text;
    else lines.push(text);
  }
  return lines.map((line) => [line.endsWith(between) ? line.slice(0, -between.length) : line]);
}

/** Commands and what they do, one a line, in two columns. */
export function commandLines(rows: readonly (readonly [command: string, purpose: string])[]): readonly Line[] {
  const width = Math.max(...rows.map(([command]) => command.length)) + 2;
  return rows.map(([command, purpose]): readonly Piece[] => [['strong', command.padEnd(width)], purpose]);
}
