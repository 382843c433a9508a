/** What a terminal shows: enough of one for the sequences that the renderer writes. Any other sequence throws. */
import { graphemesOf, graphemeWidth } from '../../../src/terminal/screen/width.ts';

const SEQUENCE = /^\x1b\[([?\d;]*)([A-Za-z])/;

export class FakeScreen {
  readonly #width: number;
  readonly #cells: string[][];
  readonly #pens: string[][];
  #row = 0;
  #column = 0;
  #pen = '\x1b[0m';

  constructor(width: number, height: number) {
    this.#width = width;
    this.#cells = Array.from({ length: height }, () => new Array<string>(width).fill(' '));
    this.#pens = Array.from({ length: height }, () => new Array<string>(width).fill(this.#pen));
  }

  write(text: string): void {
    let rest = text;
    while (rest !== '') {
      const [sequence, parameters = '', final = ''] = SEQUENCE.exec(rest) ?? [];
      if (sequence !== undefined) {
        this.#obey(sequence, parameters, final);
        rest = rest.slice(sequence.length);
        continue;
      }
      const end = rest.indexOf('\x1b');
      if (end === 0) throw new Error(`Not a known sequence: ${JSON.stringify(rest.slice(0, 20))}`);
      const printed = end < 0 ? rest : rest.slice(0, end);
      for (const grapheme of graphemesOf(printed)) this.#print(grapheme);
      rest = rest.slice(printed.length);
    }
  }

  rows(): readonly string[] {
    return this.#cells.map((row) => row.join('').trimEnd());
  }

  /** The SGR sequence of each cell. */
  pens(): readonly string[] {
    return this.#pens.flat();
  }

  #obey(sequence: string, parameters: string, final: string): void {
    const numbers = parameters.split(';').map(Number);
    if (final === 'H') [this.#row, this.#column] = [numbers[0]! - 1, numbers[1]! - 1];
    else if (final === 'm') this.#pen = sequence;
    else if (sequence === '\x1b[2J') {
      for (const row of this.#cells) row.fill(' ');
      for (const row of this.#pens) row.fill('\x1b[0m');
    } else throw new Error(`Not a known sequence: ${JSON.stringify(sequence)}`);
  }

  #print(grapheme: string): void {
    const columns = graphemeWidth(grapheme);
    const cells = this.#cells[this.#row]!;
    if (this.#column + columns > this.#width) throw new Error('Written beyond the right edge');
    // As terminals do: what is left of a wide character becomes blank.
    if (cells[this.#column] === '') cells[this.#column - 1] = ' ';
    if (cells[this.#column + columns] === '') cells[this.#column + columns] = ' ';
    cells[this.#column] = grapheme;
    this.#pens[this.#row]![this.#column] = this.#pen;
    if (columns === 2) {
      cells[this.#column + 1] = '';
      this.#pens[this.#row]![this.#column + 1] = this.#pen;
    }
    this.#column += columns;
  }
}
