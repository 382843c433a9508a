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
  const values = written
    .trim()
    .split(/\s+/)
    .flatMap((word) => {
      const [, text = word, times = '1'] = /^(.+?)x(\d+)$/.exec(word) ?? [];
      if (Number(times) > MOST_VALUES) throw new RangeError(`"${word}" is more than ${MOST_VALUES} values`);
      return Array.from({ length: Number(times) }, () => valueOf(text, spec));
    });
  if (values.length > MOST_VALUES) throw new RangeError(`The series has more than ${MOST_VALUES} values`);
  return values;
}

function valueOf(text: string, spec: FieldSpec | undefined): FieldValue | undefined {
  if (text === '_') return undefined;
  if (spec?.type === 'string') return text;
  if (spec?.type === 'bool' && (text === 'true' || text === 'false')) return text === 'true';
  return parseLimit(text, spec?.unit ?? '');
}
