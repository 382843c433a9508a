/** Content negotiation (RFC 9110, 12.5). */
import type { Exposition } from './exposition.ts';

/** OpenMetrics if the client accepts it at least as much as plain text. */
export function chooseFormat(accept: string | undefined): Exposition {
  const ranges = parse(accept ?? '');
  const openMetrics = weight(ranges, ['application/openmetrics-text']);
  return openMetrics > 0 && openMetrics >= weight(ranges, ['text/plain', 'text/*', '*/*']) ? 'openMetrics' : 'text';
}

export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return weight(parse(acceptEncoding ?? ''), ['gzip', '*']) > 0;
}

interface Range {
  readonly name: string;
  /** 0 (refused) to 1. */
  readonly weight: number;
}

function parse(header: string): readonly Range[] {
  return header.split(',').map((part) => {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const q = parameters.find((each) => each.startsWith('q='));
    return { name, weight: q === undefined ? 1 : Number(q.slice(2)) || 0 };
  });
}

/** The highest weight of the first name that is in the header; 0 if none is. */
function weight(ranges: readonly Range[], names: readonly string[]): number {
  for (const name of names) {
    const found = ranges.filter((range) => range.name === name).map((range) => range.weight);
    if (found.length > 0) return Math.max(...found);
  }
  return 0;
}
