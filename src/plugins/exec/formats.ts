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

/** A point from the output of a program. */
export interface Point {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Nanoseconds since the Unix epoch; undefined for the time of the gather. */
  readonly time?: bigint | undefined;
}

export interface Parsed {
  readonly metrics: readonly Point[];
  /** Errors of the first rejected lines or items. */
  readonly errors: readonly string[];
  readonly rejected: number;
}

export type Parse = (output: Buffer) => Parsed;

/** Marks a line without a time: below the minimum time of InfluxDB, so no valid line has it. */
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
    return { metrics, errors, rejected: errors.length };
  };
}

function parseInflux(output: Buffer): Parsed {
  const { metrics, errors, refused: rejected } = parseLines(output, { defaultTime: NO_TIME });
  return {
    metrics: metrics.map(({ name, tags, fields, time }) => ({
      name,
      tags,
      fields,
      time: time === NO_TIME ? undefined : time,
    })),
    errors: errors.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`),
    rejected,
  };
}
