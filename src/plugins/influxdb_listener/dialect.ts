/** The three write APIs of InfluxDB: where they are, and how they say what was refused. */
import type { HttpReply, ParsedLines, Precision } from '../../plugin/index.ts';

export interface Dialect {
  /** Query parameter that names the database. */
  readonly database: 'db' | 'bucket';
  readonly precisions: Readonly<Record<string, Precision>>;
  readonly defaultPrecision: Precision;
  /** Refuses a whole request. */
  refuse(status: number, text: string): HttpReply;
  /** Some lines are bad. */
  refuseLines(parsed: ParsedLines): HttpReply;
}

/** Of the refused lines, those that the answer names. */
const MOST_NAMED = 100;

const V2_PRECISIONS = { ns: 'ns', us: 'us', ms: 'ms', s: 's' } as const;

/** https://docs.influxdata.com/influxdb/v1/tools/api/#write-http-endpoint */
const V1: Dialect = {
  database: 'db',
  precisions: { ...V2_PRECISIONS, n: 'ns', u: 'us', µ: 'us', m: 'm', h: 'h' },
  defaultPrecision: 'ns',
  refuse: (status, text) => json(status, { error: text }, { 'x-influxdb-error': headerText(text) }),
  refuseLines(parsed) {
    return V1.refuse(400, reasonOf(parsed));
  },
};

const V2_CODES: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'unauthorized',
  404: 'not found',
  405: 'method not allowed',
  413: 'request too large',
  500: 'internal error',
  503: 'unavailable',
};

/** https://docs.influxdata.com/influxdb/v2/api/v2/#operation/PostWrite */
const V2: Dialect = {
  database: 'bucket',
  precisions: V2_PRECISIONS,
  defaultPrecision: 'ns',
  refuse: (status, text) => json(status, { code: V2_CODES[status] ?? 'invalid', message: text }),
  refuseLines(parsed) {
    return V2.refuse(400, reasonOf(parsed));
  },
};

/** https://docs.influxdata.com/influxdb3/core/api/v3/#operation/PostWriteLP */
const V3: Dialect = {
  database: 'db',
  precisions: {
    ...V2_PRECISIONS,
    auto: 'auto',
    nanosecond: 'ns',
    microsecond: 'us',
    millisecond: 'ms',
    second: 's',
    n: 'ns',
    u: 'us',
  },
  defaultPrecision: 'auto',
  refuse: (status, text) => json(status, { error: text }),
  refuseLines: ({ errors, metrics }) =>
    json(400, {
      error: metrics.length > 0 ? 'partial write of line protocol occurred' : 'parsing failed for write_lp endpoint',
      data: errors.slice(0, MOST_NAMED).map(({ excerpt, line, message }) => ({
        original_line: excerpt,
        line_number: line,
        error_message: message,
      })),
    }),
};

export const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['/write', V1],
  ['/api/v2/write', V2],
  ['/api/v3/write_lp', V3],
]);

/** For paths that are no write API: clients of version 2 read `message`, the others `error`. */
export function dialectOf(path: string): Dialect {
  return DIALECTS.get(path) ?? (path.startsWith('/api/v2/') ? V2 : V1);
}

/** Worded as InfluxDB does, since clients look for these words. */
function reasonOf({ errors, refused, metrics }: ParsedLines): string {
  const named = errors.slice(0, MOST_NAMED).map(({ excerpt, message }) => `unable to parse '${excerpt}': ${message}`);
  const more = refused - named.length;
  const text = [...named, ...(more > 0 ? [`and ${more} more lines`] : [])].join('\n');
  return metrics.length > 0 ? `partial write: ${text} dropped=${refused}` : text;
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: `${JSON.stringify(value)}\n` };
}

const MAX_HEADER = 200;

/** What a header may hold. */
function headerText(text: string): string {
  return text.slice(0, MAX_HEADER).replace(/[^\x20-\x7e]+/g, ' ');
}
