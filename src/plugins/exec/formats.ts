import { compileGlobs, parseLinesInSteps } from '../../plugin/index.ts';
import type { FieldValue } from '../../plugin/index.ts';

import { parseJson } from './json.ts';

export interface FormatOptions {
  readonly data_format: 'influx' | 'json';
  readonly name: string;
  readonly json_tag_keys: readonly string[];
  readonly json_string_fields: readonly string[];
  readonly json_name_key: string;
  /** Maximum number of metrics. */
  readonly max_metrics: number;
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

/** To be done in turns. @throws RangeError if there are too many metrics */
export type Parse = (output: Buffer) => Generator<undefined, Parsed>;

/** Marks a line without a time: below the minimum time of InfluxDB, so no valid line has it. */
const NO_TIME = -(2n ** 63n);

export function createParser(options: FormatOptions): Parse {
  if (options.data_format === 'influx') return (output) => parseInflux(output, options.max_metrics);
  const rules = {
    name: options.name,
    nameKey: options.json_name_key,
    isTag: compileGlobs(options.json_tag_keys),
    isStringField: compileGlobs(options.json_string_fields),
  };
  return function* (output) {
    const { metrics, errors } = yield* parseJson(output.toString('utf8'), rules, options.max_metrics);
    return { metrics, errors, rejected: errors.length };
  };
}

function* parseInflux(output: Buffer, most: number): Generator<undefined, Parsed> {
  const {
    metrics,
    errors,
    refused: rejected,
    isCut = false,
  } = yield* parseLinesInSteps(output, { defaultTime: NO_TIME, most });
  if (isCut) throw new RangeError(`more than ${most} metrics`);
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
