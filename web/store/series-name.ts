/** Names of series as the API writes them. The page knows one agent, whose own `host` tag is in no name. */
import { formatSeriesName, parseSeriesName as parse, type SeriesParts } from '../../src/api/series-name.ts';

export type { SeriesParts };

export function seriesName(measurement: string, field: string, tags: Readonly<Record<string, string>> = {}): string {
  return formatSeriesName({ measurement, field, tags });
}

/** @returns undefined if the text is no name of a series */
export function parseSeriesName(text: string): SeriesParts | undefined {
  return parse(text);
}
