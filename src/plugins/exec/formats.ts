import { parseLines } from '../../plugin.ts';
import type { FieldValue } from '../../plugin.ts';

import { parseJson } from './json.ts';

export interface FormatOptions {
  readonly data_format: 'influx' | 'json';
  readonly name: string;
  readonly tag_keys: readonly string[];
  readonly json_string_fields: readonly string[];
  readonly json_name_key: string;
}

/** A point as a program wrote it. */
export interface Point {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Nanoseconds since the Unix epoch; undefined for "now". */
  readonly time?: bigint | undefined;
}

export interface Parsed {
  readonly metrics: readonly Point[];
  /** What was wrong with the first lines or items that were refused. */
  readonly errors: readonly string[];
  readonly refused: number;
}

export type Parse = (output: Buffer) => Parsed;

/** Stands for "no time given": below the least time that InfluxDB can store, so no program can mean it. */
const NO_TIME = -(2n ** 63n);

export async function createParser(options: FormatOptions): Promise<Parse> {
  if (options.data_format === 'influx') return parseInflux;
  const [isTag, isStringField] = await Promise.all([matcher(options.tag_keys), matcher(options.json_string_fields)]);
  const rules = { name: options.name, nameKey: options.json_name_key, isTag, isStringField };
  return (output) => {
    const { metrics, errors } = parseJson(output.toString('utf8'), rules);
    return { metrics, errors, refused: errors.length };
  };
}

function parseInflux(output: Buffer): Parsed {
  const { metrics, errors, refused } = parseLines(output, { defaultTime: NO_TIME });
  return {
    metrics: metrics.map(({ name, tags, fields, time }) => ({
      name,
      tags,
      fields,
      time: time === NO_TIME ? undefined : time,
    })),
    errors: errors.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`),
    refused,
  };
}

async function matcher(patterns: readonly string[]): Promise<(key: string) => boolean> {
  if (!patterns.some((pattern) => /[*?[]/.test(pattern))) {
    const keys = new Set(patterns);
    return (key) => keys.has(key);
  }
  const { default: picomatch } = await import('picomatch');
  return picomatch([...patterns], { bash: true, dot: true });
}
