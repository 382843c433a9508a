/**
 * The text form of a series: `cpu.usage_idle{cpu=cpu-total}`. Tags are in ascending order. A part that has one of `.{}=,"\` or a
 * control character, or is empty, is written as a JSON string.
 *
 * The agent adds its `host` tag to all that it gathers, so the name leaves that tag out. A series without any `host` tag, on an
 * agent that adds one, is written with `host=""`. A name is therefore the name of one series only. No imports: the page uses it.
 */
export interface SeriesParts {
  readonly measurement: string;
  readonly field: string;
  readonly tags: Readonly<Record<string, string>>;
}

const SPECIAL = /[.{}=,"\\\u0000-\u001f\u007f]/;

/** @param ownHost value of the `host` tag that the agent adds; undefined if it adds none */
export function formatSeriesName({ measurement, field, tags }: SeriesParts, ownHost?: string): string {
  return `${spell(measurement)}.${spell(field)}${spellTags(tags, ownHost)}`;
}

function spellTags(tags: SeriesParts['tags'], ownHost: string | undefined): string {
  const written = Object.entries(tags).filter(([key, value]) => key !== 'host' || value !== ownHost);
  if (ownHost !== undefined && !Object.hasOwn(tags, 'host')) written.push(['host', '']);
  if (written.length === 0) return '';
  written.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${written.map(([key, value]) => `${spell(key)}=${spell(value)}`).join(',')}}`;
}

function spell(part: string): string {
  return part === '' || SPECIAL.test(part) ? JSON.stringify(part) : part;
}

/**
 * @param ownHost as in `formatSeriesName`
 * @returns undefined if the text is no name of a series
 */
export function parseSeriesName(text: string, ownHost?: string): SeriesParts | undefined {
  const reader = new Reader(text);
  const measurement = reader.part();
  if (measurement === undefined || !reader.take('.')) return undefined;
  const field = reader.part();
  if (field === undefined) return undefined;
  const pairs = reader.take('{') ? reader.pairs() : [];
  if (pairs === undefined || !reader.isAtEnd) return undefined;
  const named = new Map(pairs);
  if (named.size < pairs.length) return undefined;
  if (ownHost !== undefined && !named.has('host')) named.set('host', ownHost);
  const tags = [...named].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return { measurement, field, tags: Object.fromEntries(tags) };
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  part(): string | undefined {
    const start = this.#at;
    if (this.#text[start] === '"') return this.#quoted();
    while (!this.isAtEnd && !SPECIAL.test(this.#text[this.#at] ?? '')) this.#at += 1;
    return this.#at === start ? undefined : this.#text.slice(start, this.#at);
  }

  /** After the opening brace, with the closing one. */
  pairs(): readonly (readonly [string, string])[] | undefined {
    const pairs: (readonly [string, string])[] = [];
    do {
      const key = this.part();
      if (key === undefined || !this.take('=')) return undefined;
      const value = this.part();
      if (value === undefined) return undefined;
      pairs.push([key, value]);
    } while (this.take(','));
    return this.take('}') ? pairs : undefined;
  }

  #quoted(): string | undefined {
    const start = this.#at;
    this.#at += 1;
    while (!this.isAtEnd && this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    if (!this.take('"')) return undefined;
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      return undefined;
    }
  }
}
