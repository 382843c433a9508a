/** What sources deliver: the points of one moment, whether gathered, streamed by an agent or read from the history. */
import { milliseconds } from '../../core/clock.ts';
import type { Metric, Tags } from '../../metric/metric.ts';

/** Values of one measurement with one set of tags. Numbers only: texts and booleans are left out. */
export interface Point {
  readonly measurement: string;
  readonly tags: Tags;
  readonly values: Readonly<Record<string, number>>;
  /** ms since the Unix epoch. An input that is gathered less often than the others keeps its point until the next one. */
  readonly at: number;
}

export interface Sample {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly points: readonly Point[];
}

export function pointOf({ name, tags, fields, time }: Metric): Point {
  const values: Record<string, number> = {};
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'number') values[key] = value;
    else if (typeof value === 'bigint') values[key] = Number(value);
  }
  return { measurement: name, tags, values, at: milliseconds(time) };
}

/** Names a set of tags within its measurement. The `host` tag is left out, since there is one host. */
export function pointKey({ measurement, tags }: Pick<Point, 'measurement' | 'tags'>): string {
  let key = measurement;
  for (const name of Object.keys(tags).sort()) if (name !== 'host') key += `\u0000${name}\u0000${tags[name] ?? ''}`;
  return key;
}
