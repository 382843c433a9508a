/**
 * Parses scraped metrics. Formats: Prometheus text 0.0.4 and 1.0.0 (docs/instrumenting/exposition_formats of prometheus.io),
 * and OpenMetrics 1.0.0 (specification of the OpenMetrics project). In all of them names may be any text in quotes, as in
 * `{"http.requests","service.name"="x"} 1`.
 */

export interface Sample {
  readonly name: string;
  /** Without empty labels, which are equivalent to absent ones. */
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** Nanoseconds since the Unix epoch; undefined if the sample has no timestamp. */
  readonly time: bigint | undefined;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** Name of the metric → `counter`, `gauge`, `histogram`, …. */
  readonly types: ReadonlyMap<string, string>;
}

export type Format = 'text' | 'openMetrics';

/** Maximum characters of an invalid line in a message. */
const EXCERPT = 80;

/** A few milliseconds of work. */
const LINES_IN_STEP = 1000;

/**
 * To be done in turns.
 *
 * @param most maximum number of samples
 * @throws with the line number at the first invalid line; RangeError for too many samples
 */
export function* parseExposition(text: string, format: Format, most: number): Generator<undefined, Exposition> {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  let number = 0;
  let hasEnded = false;
  for (const line of linesOf(text)) {
    number += 1;
    const problem = hasEnded ? 'unexpected text after # EOF' : readLine(line, format, samples, types);
    if (problem !== undefined) throw new Error(`line ${number}: ${problem}, in ${excerpt(line)}`);
    if (samples.length > most) throw new RangeError(`more than ${most} samples`);
    if (number % LINES_IN_STEP === 0) yield;
    hasEnded = format === 'openMetrics' && line === '# EOF';
  }
  if (format === 'openMetrics' && !hasEnded) throw new Error('truncated: # EOF is missing');
  return { samples, types };
}

/** Lazily: there may be a million lines. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    yield text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
  }
}

function excerpt(line: string): string {
  return JSON.stringify(line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line);
}

const BLANK = /^[ \t]*$/;
/** The inside of a string, with its escapes. */
const TEXT = String.raw`[^"\\]*(?:\\[^][^"\\]*)*`;
const TYPE = new RegExp(String.raw`^[ \t]*#[ \t]+TYPE[ \t]+(?:"(${TEXT})"|([^\s"]+))[ \t]+(\S+)[ \t]*$`);

/** @returns an error message, or undefined */
function readLine(line: string, format: Format, samples: Sample[], types: Map<string, string>): string | undefined {
  if (BLANK.test(line)) return undefined;
  if (line.trimStart().startsWith('#')) {
    const [, quoted, bare, type] = TYPE.exec(line) ?? [];
    const name = quoted === undefined ? bare : unescape(quoted);
    if (name !== undefined && type !== undefined) types.set(name, type);
    return undefined;
  }
  const sample = new SampleReader(line, format).read();
  if (typeof sample === 'string') return sample;
  samples.push(sample);
  return undefined;
}

const NAME = /[ \t]*([a-zA-Z_:][\w:]*)[ \t]*/y;
const BLANKS = /[ \t]*/y;
/** A label; without a value, the name of the metric. */
const ELEMENT = new RegExp(
  String.raw`[ \t]*(?:([a-zA-Z_]\w*)|"(${TEXT})")[ \t]*(?:=[ \t]*"(${TEXT})"[ \t]*)?(,?)`,
  'y',
);
const EXPECTED_LABELS = 'expected labels such as {a="b",c="d"}';
const LABELS_END = /[ \t]*\}/y;
const NUMBERS = /^[ \t]*(\S+)(?:[ \t]+(\S+))?[ \t]*$/;

/** Parses one line. */
class SampleReader {
  readonly #line: string;
  readonly #format: Format;
  #at = 0;
  #name: string | undefined;

  constructor(line: string, format: Format) {
    this.#line = line;
    this.#format = format;
  }

  /** @returns the sample, or an error message */
  read(): Sample | string {
    this.#name = this.#match(NAME)?.[1];
    if (this.#name === undefined) this.#match(BLANKS);
    const labels = new Map<string, string>();
    const problem = this.#line[this.#at] === '{' ? this.#readLabels(labels) : undefined;
    if (problem !== undefined) return problem;
    const name = this.#name;
    if (name === undefined) return 'expected a metric name';
    const [, valueText = '', timeText] = NUMBERS.exec(this.#rest()) ?? [];
    const value = numberOf(valueText);
    if (value === undefined) return 'expected a number as the value, and an optional timestamp';
    const time = timeText === undefined ? undefined : timeOf(timeText, this.#format);
    if (time === undefined && timeText !== undefined) return 'expected a timestamp after the value';
    return { name, labels, value, time };
  }

  /** The text after the labels, without the exemplar that OpenMetrics allows at its end. */
  #rest(): string {
    const rest = this.#line.slice(this.#at);
    const exemplar = this.#format === 'openMetrics' ? rest.indexOf(' # ') : -1;
    return exemplar === -1 ? rest : rest.slice(0, exemplar);
  }

  /** @returns an error message, or undefined */
  #readLabels(labels: Map<string, string>): string | undefined {
    this.#at += 1;
    const seen = new Set<string>();
    for (let comma = ','; this.#match(LABELS_END) === null;) {
      const [, bare, quoted, value, next = ''] = (comma === ',' ? this.#match(ELEMENT) : null) ?? [];
      const name = quoted === undefined ? bare : unescape(quoted);
      if (!name || (quoted === undefined && value === undefined)) return EXPECTED_LABELS;
      if (value === undefined) {
        if (this.#name !== undefined) return 'the metric has two names';
        this.#name = name;
      } else if (!add(labels, seen, name, value)) return `duplicate label ${name}`;
      comma = next;
    }
    return undefined;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }
}

/** Leaves out an empty label, which is equivalent to an absent one. @returns false if there is one of that name */
function add(labels: Map<string, string>, seen: Set<string>, name: string, value: string): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  if (value !== '') labels.set(name, unescape(value));
  return true;
}

const ESCAPED: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/** A backslash before any other character is literal. */
function unescape(text: string): string {
  return text.includes('\\') ? text.replace(/\\[\\"n]/g, (pair) => ESCAPED[pair] ?? pair) : text;
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** Parses like Go's ParseFloat, except hexadecimal numbers. */
function numberOf(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const sign = INFINITE.exec(text)?.[1];
  if (sign === undefined) return undefined;
  return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** In microseconds: the range of times that fits into 64 bits as nanoseconds. */
const MAX_TIME = 9.2e15;

/** Milliseconds in the text format; seconds in OpenMetrics, rounded to microseconds. */
function timeOf(text: string, format: Format): bigint | undefined {
  if (!(format === 'text' ? /^[+-]?\d+$/ : DECIMAL).test(text)) return undefined;
  const microseconds = Math.round(Number(text) * (format === 'text' ? 1e3 : 1e6));
  return Math.abs(microseconds) < MAX_TIME ? BigInt(microseconds) * 1000n : undefined;
}
