/** Names of series as text, as the API writes them: `cpu.usage_idle{cpu=cpu-total}`. */

export interface SeriesParts {
  readonly measurement: string;
  readonly field: string;
  readonly tags: Readonly<Record<string, string>>;
}

const NEEDS_QUOTES = /[.{}=,"\\\u0000-\u001f\u007f]/;

export function seriesName(measurement: string, field: string, tags: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.keys(tags)
    .filter((key) => key !== 'host')
    .sort()
    .map((key) => `${quoted(key)}=${quoted(tags[key] ?? '')}`);
  return `${quoted(measurement)}.${quoted(field)}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`;
}

function quoted(part: string): string {
  return part === '' || NEEDS_QUOTES.test(part) ? JSON.stringify(part) : part;
}

const PART = /"(?:[^"\\]|\\.)*"|[^.{}=,"\\]+/y;

/** @returns undefined if the text is no name of a series */
export function parseSeriesName(text: string): SeriesParts | undefined {
  let at = 0;
  const part = (): string => {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) throw new SyntaxError(`no name at ${at}`);
    at = PART.lastIndex;
    return match[0].startsWith('"') ? (JSON.parse(match[0]) as string) : match[0];
  };
  const take = (mark: string): boolean => {
    if (text[at] !== mark) return false;
    at += 1;
    return true;
  };
  try {
    const measurement = part();
    if (!take('.')) return undefined;
    const field = part();
    const tags: Record<string, string> = {};
    if (take('{')) {
      do {
        const key = part();
        if (!take('=')) return undefined;
        tags[key] = part();
      } while (take(','));
      if (!take('}')) return undefined;
    }
    return at === text.length ? { measurement, field, tags } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
