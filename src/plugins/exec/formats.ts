import { compileGlobs, parseLinesInSteps } from '../../plugin/index.ts';
import type { FieldValue } from '../../plugin/index.ts';

import { parseExposition } from '../exposition.ts';
import { pointsOf } from '../exposition-points.ts';

import { parseCsv } from './csv.ts';
import { parseJson, parseNdjson, type ParsedJson } from './json.ts';
import { parseNagios } from './nagios.ts';
import type { TimeFormat } from './time.ts';

export const DATA_FORMATS = ['influx', 'json', 'ndjson', 'csv', 'prometheus', 'nagios'] as const;

export interface FormatOptions {
  readonly data_format: (typeof DATA_FORMATS)[number];
  readonly name: string;
  readonly json_tag_keys: readonly string[];
  readonly json_string_fields: readonly string[];
  readonly json_name_key: string;
  readonly json_time_key: string;
  readonly json_time_format: TimeFormat;
  readonly csv_delimiter: string;
  readonly csv_columns: readonly string[];
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

/**
 * To be done in turns.
 *
 * @param state exit code, which is the state for Nagios
 * @throws RangeError if there are too many metrics
 */
export type Parse = (output: Buffer, state: number) => Generator<undefined, Parsed>;

/** Marks a line without a time: below the minimum time of InfluxDB, so no valid line has it. */
const NO_TIME = -(2n ** 63n);

export function createParser(options: FormatOptions): Parse {
  const { max_metrics: most, csv_delimiter: delimiter, csv_columns: columns, json_time_key: key } = options;
  const rules = {
    name: options.name,
    nameKey: options.json_name_key,
    time: key === '' ? undefined : { key, format: options.json_time_format },
    isTag: compileGlobs(options.json_tag_keys),
    isStringField: compileGlobs(options.json_string_fields),
  };
  const parsers: Readonly<Record<FormatOptions['data_format'], Parse>> = {
    influx: (output) => parseInflux(output, most),
    json: (output) => counted(parseJson(output.toString('utf8'), rules, most)),
    ndjson: (output) => counted(parseNdjson(output.toString('utf8'), rules, most)),
    csv: (output) => counted(parseCsv(output.toString('utf8'), { ...rules, delimiter, columns }, most)),
    prometheus: (output) => parsePrometheus(output.toString('utf8'), most),
    *nagios(output, state) {
      return { metrics: parseNagios(output.toString('utf8'), state, most), errors: [], rejected: 0 };
    },
  };
  return parsers[options.data_format];
}

function* counted(parsing: Generator<undefined, ParsedJson>): Generator<undefined, Parsed> {
  const { metrics, errors } = yield* parsing;
  return { metrics, errors, rejected: errors.length };
}

/** Half of a histogram is worse than none, so one invalid line refuses all. */
function* parsePrometheus(text: string, most: number): Generator<undefined, Parsed> {
  const format = text.trimEnd().endsWith('\n# EOF') ? 'openMetrics' : 'text';
  const points = yield* pointsOf(yield* parseExposition(text, format, most), false);
  return { metrics: points.map((point) => ({ name: 'prometheus', ...point })), errors: [], rejected: 0 };
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
