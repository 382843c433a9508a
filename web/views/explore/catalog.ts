/** What can be drawn: fields, each with the series that have it. */
import type { FieldInfo, SeriesSetInfo } from '../../api/answers.ts';
import { seriesName } from '../../store/series-name.ts';

export interface FieldRow {
  readonly measurement: string;
  readonly field: FieldInfo;
  readonly series: readonly { readonly name: string; readonly tags: string }[];
}

/** A field whose own name has more of the words comes first; else as the agent sorts them. */
export function fieldsOf(sets: readonly SeriesSetInfo[], words: readonly string[]): readonly FieldRow[] {
  const rows = new Map<string, { measurement: string; field: FieldInfo; series: { name: string; tags: string }[] }>();
  for (const { measurement, tags, fields } of sets) {
    for (const field of fields) {
      if (!hasAll(words, measurement, field, tags)) continue;
      const key = `${measurement}.${field.name}`;
      const row = rows.get(key) ?? { measurement, field, series: [] };
      row.series.push({ name: seriesName(measurement, field.name, tags), tags: tagText(tags) });
      rows.set(key, row);
    }
  }
  const hits = ({ measurement, field }: FieldRow) =>
    words.filter((word) => `${measurement}.${field.name}`.toLowerCase().includes(word)).length;
  return [...rows.values()].sort((a, b) => hits(b) - hits(a));
}

/** The agent finds sets; of a set only fields are shown that have all words too. */
function hasAll(
  words: readonly string[],
  measurement: string,
  { name, help }: FieldInfo,
  tags: SeriesSetInfo['tags'],
): boolean {
  const text = `${measurement}.${name} ${help} ${Object.entries(tags).flat().join(' ')}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function tagText(tags: SeriesSetInfo['tags']): string {
  return Object.entries(tags)
    .filter(([key]) => key !== 'host')
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
