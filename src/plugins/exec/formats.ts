import { compileGlobs, parseLines } from '../../plugin/index.ts';
import type { FieldValue } from '../../plugin/index.ts';

import { parseJson } from './json.ts';

export interface FormatOptions {
  readonly data_format: 'influx' | 'json';
  readonly name: string;
  readonly json_tag_keys: readonly string[];
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

export function createParser(options: FormatOptions): Parse {
  if (options.data_format === 'influx') return parseInflux;
  const rules = {
    name: options.name,
    nameKey: options.json_name_key,
    isTag: compileGlobs(options.json_tag_keys),
    isStringField: compileGlobs(options.json_string_fields),
  };
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
