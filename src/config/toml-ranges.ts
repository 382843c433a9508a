import type { FindRange, Path, Range } from './source.ts';

interface Place {
  readonly key: Range | undefined;
  readonly value: Range | undefined;
}

/** Positions of keys and values in a TOML text. The parser has accepted the text, so only boundaries are looked for. */
export function tomlRanges(text: string): FindRange {
  const places = new Map<string, Place>();
  new Scanner(text, (path, place) => {
    const id = JSON.stringify(path);
    const known = places.get(id);
    places.set(id, { key: known?.key ?? place.key, value: known?.value ?? place.value });
  }).scan();
  return (path, part) => {
    const place = places.get(JSON.stringify(path));
    return part === 'key' ? place?.key : (place?.value ?? place?.key);
  };
}

type Note = (path: Path, place: Place) => void;

interface Word {
  readonly text: string;
  readonly range: Range;
}

const BLANK = /[ \t\r\n]*(?:#[^\n]*[ \t\r\n]*)*/y;
const WORD = /[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*/y;
const SCALAR =
  /"""(?:[^\\]|\\[^])*?"""(?:"{0,2})|'''[^]*?'''(?:'{0,2})|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,\]}#][^,\]}#\n]*/y;

class Scanner {
  readonly #text: string;
  readonly #note: Note;
  #at = 0;
  /** The table that the last header opened. */
  #table: Path = [];
  /** List of tables → how many were seen. */
  readonly #counts = new Map<string, number>();

  constructor(text: string, note: Note) {
    this.#text = text;
    this.#note = note;
  }

  scan(): void {
    this.#take(BLANK);
    while (this.#at < this.#text.length) {
      const before = this.#at;
      if (this.#text[before] === '[') this.#header();
      else this.#assignment(this.#table);
      this.#take(BLANK);
      if (this.#at <= before) return;
    }
  }

  #header(): void {
    const list = this.#text.startsWith('[[', this.#at);
    this.#at += list ? 2 : 1;
    const words = this.#dottedKey();
    const last = words.pop();
    this.#at += list ? 2 : 1;
    if (last === undefined) return;
    const table = [...this.#enter([], words), last.text];
    this.#note(table, { key: last.range, value: list ? last.range : undefined });
    this.#table = list ? this.#append(table) : table;
    if (list) this.#note(this.#table, { key: last.range, value: last.range });
  }

  #append(list: Path): Path {
    const id = JSON.stringify(list);
    const count = this.#counts.get(id) ?? 0;
    this.#counts.set(id, count + 1);
    return [...list, count];
  }

  /** Resolves a dotted key. Keys below a list of tables belong to its latest table. */
  #enter(base: Path, words: readonly Word[]): Path {
    let path = base;
    for (const { text, range } of words) {
      path = [...path, text];
      this.#note(path, { key: range, value: undefined });
      const count = this.#counts.get(JSON.stringify(path));
      if (count !== undefined) path = [...path, count - 1];
    }
    return path;
  }

  #assignment(base: Path): void {
    const path = this.#enter(base, this.#dottedKey());
    const equals = this.#text.indexOf('=', this.#at);
    this.#at = equals === -1 ? this.#text.length : equals + 1;
    this.#value(path);
  }

  #value(path: Path): void {
    this.#take(BLANK);
    const start = this.#at;
    const open = this.#text[start];
    if (open === '[') {
      this.#at += 1;
      for (let index = 0; !this.#closed(']'); index += 1) this.#value([...path, index]);
    } else if (open === '{') {
      this.#at += 1;
      while (!this.#closed('}')) this.#assignment(path);
    } else if (this.#take(SCALAR) === undefined) {
      // Not TOML after all: skip to the end, so that the loop ends.
      this.#at = this.#text.length;
    }
    const end = start + this.#text.slice(start, this.#at).trimEnd().length;
    this.#note(path, { key: undefined, value: [start, end] });
  }

  /** Whether the list or table ends here. Skips the comma between items. */
  #closed(bracket: string): boolean {
    this.#take(BLANK);
    if (this.#text[this.#at] === ',') {
      this.#at += 1;
      this.#take(BLANK);
    }
    if (this.#text[this.#at] !== bracket) return this.#at >= this.#text.length;
    this.#at += 1;
    return true;
  }

  #dottedKey(): Word[] {
    const words: Word[] = [];
    do {
      if (this.#text[this.#at] === '.') this.#at += 1;
      const start = this.#at;
      const match = this.#take(WORD);
      if (match === undefined) break;
      const from = start + match[0].length - match[0].trimStart().length;
      words.push({ text: unquote(match), range: [from, from + match[0].trim().length] });
    } while (this.#text[this.#at] === '.');
    return words;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }
}

function unquote([, double, single, bare]: RegExpExecArray): string {
  if (double === undefined) return single ?? bare ?? '';
  return double.replace(/\\(?:u([0-9a-fA-F]{4})|(["\\]))/g, (_all, code: string | undefined, plain: string) =>
    code === undefined ? plain : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
