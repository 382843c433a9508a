/** Parses a series such as `70 86x4 _ 79x10`. */
import type { FieldValue } from '../../metric/metric.ts';
import type { FieldSpec } from '../../plugin/index.ts';
import { parseLimit } from '../rules/limit.ts';

/** A longer series is a mistake, such as 15x1000000. */
const MOST_VALUES = 100_000;

type Written = string | readonly (string | number | boolean | null)[];

/**
 * @param spec of the field, for its unit; undefined if no catalog declares it
 * @returns undefined for missing values
 * @throws RangeError
 */
export function parseSeries(written: Written, spec: FieldSpec | undefined): readonly (FieldValue | undefined)[] {
  if (typeof written !== 'string') return written.map((value) => value ?? undefined);
  const values: (FieldValue | undefined)[] = [];
  for (const word of written.trim().split(/\s+/)) {
    const [, text = word, times = '1'] = /^(.+?)x(\d+)$/.exec(word) ?? [];
    if (Number(times) > MOST_VALUES) throw new RangeError(`"${word}" is more than ${MOST_VALUES} values`);
    if (values.length + Number(times) > MOST_VALUES)
      throw new RangeError(`The series has more than ${MOST_VALUES} values`);
    const value = valueOf(text, spec);
    for (let left = Number(times); left > 0; left -= 1) values.push(value);
  }
  return values;
}

function valueOf(text: string, spec: FieldSpec | undefined): FieldValue | undefined {
  if (text === '_') return undefined;
  if (spec?.type === 'string') return text;
  if (spec?.type === 'bool' && (text === 'true' || text === 'false')) return text === 'true';
  return parseLimit(text, spec?.unit ?? '');
}
