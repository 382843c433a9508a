/**
 * An OTLP/HTTP receiver of metrics and logs, stricter than the real ones: it records each violation of the specification or of
 * the protobuf schema in JSON encoding, and answers 400.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import protobuf from 'protobufjs';
import { z } from 'zod';

const string = z.string().min(1);
/** 64-bit integers, signed and unsigned: strings in JSON. */
const int64 = z
  .string()
  .regex(/^-?\d+$/)
  .refine((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text));
const fixed64 = z
  .string()
  .regex(/^\d+$/)
  .refine((text) => BigInt.asUintN(64, BigInt(text)) === BigInt(text));

const anyValue = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ intValue: int64 }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ boolValue: z.boolean() }),
]);

const attributes = z
  .array(z.strictObject({ key: string, value: anyValue }))
  .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, 'keys must be unique');

const dataPoint = z
  .strictObject({
    attributes: attributes.optional(),
    startTimeUnixNano: fixed64.optional(),
    timeUnixNano: fixed64,
    asInt: int64.optional(),
    asDouble: z.number().optional(),
  })
  .refine(({ asInt, asDouble }) => (asInt === undefined) !== (asDouble === undefined), 'needs one of asInt, asDouble');

const dataPoints = z.array(dataPoint).min(1);

const metric = z
  .strictObject({
    name: string,
    description: z.string().optional(),
    unit: z
      .string()
      .max(63)
      .regex(/^[\x21-\x7e]*$/, 'is not UCUM')
      .optional(),
    gauge: z.strictObject({ dataPoints }).optional(),
    sum: z
      .strictObject({
        dataPoints,
        /** 1 is delta, 2 is cumulative; enum names are not allowed. */
        aggregationTemporality: z.union([z.literal(1), z.literal(2)]),
        isMonotonic: z.boolean().optional(),
      })
      .optional(),
  })
  .refine(({ gauge, sum }) => (gauge === undefined) !== (sum === undefined), 'needs one of gauge, sum');

const scope = z.strictObject({ name: string, version: z.string().optional() });

const metricsRequest = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeMetrics: z.array(
        z.strictObject({
          scope,
          // A metric name occurs once per scope.
          metrics: z
            .array(metric)
            .min(1)
            .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'names must be unique'),
        }),
      ),
    }),
  ),
});

const logRecord = z.strictObject({
  timeUnixNano: fixed64.optional(),
  observedTimeUnixNano: fixed64,
  severityNumber: z.number().int().min(1).max(24).optional(),
  severityText: z.string().optional(),
  body: anyValue,
  attributes,
});

const logsRequest = z.strictObject({
  resourceLogs: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeLogs: z.array(z.strictObject({ scope, logRecords: z.array(logRecord).min(1) })),
    }),
  ),
});

export type MetricsRequest = z.output<typeof metricsRequest>;
export type LogsRequest = z.output<typeof logsRequest>;

export interface CannedAnswer {
  readonly status: number;
  /** Bytes as they are, an object as JSON. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeOtlp {
  readonly url: string;
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly body: MetricsRequest }[];
  readonly logs: LogsRequest[];
  /** Violations, one text each. */
  readonly violations: string[];
  /** Replace the ordinary answers, one each; `hang` never answers. */
  next: (CannedAnswer | 'hang')[];
  stop(): Promise<void>;
}

const SUCCESS: CannedAnswer = { status: 200, body: {} };

export async function startFakeOtlp(tls?: { readonly key: string; readonly cert: string }): Promise<FakeOtlp> {
  const kept: Pick<FakeOtlp, 'requests' | 'logs'> = { requests: [], logs: [] };
  const violations: string[] = [];
  const fake = { next: [] as (CannedAnswer | 'hang')[] };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void buffer(request).then((bytes) => {
      const found = problems(request, bytes, kept);
      violations.push(...found);
      const canned = found.length > 0 ? { status: 400, body: { code: 3, message: found.join('; ') } } : SUCCESS;
      const answer = fake.next.shift() ?? canned;
      if (answer !== 'hang') respond(response, answer);
    });
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    ...kept,
    violations,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function respond(response: ServerResponse, { status, body = '', headers = {} }: CannedAnswer): void {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers }).end(text);
}

/** Stores the request if there are none. */
function problems(
  request: IncomingMessage,
  bytes: Buffer,
  kept: Pick<FakeOtlp, 'requests' | 'logs'>,
): readonly string[] {
  const { method, url, headers } = request;
  if (method !== 'POST' || (url !== '/v1/metrics' && url !== '/v1/logs')) return [`${String(method)} ${String(url)}`];
  const type = String(headers['content-type']);
  if (type !== 'application/json' && type !== 'application/x-protobuf') return [`content-type is ${type}`];
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'gzip') return [`content-encoding is ${encoding}`];
  try {
    const plain = encoding === 'gzip' ? gunzipSync(bytes) : bytes;
    const name = url === '/v1/logs' ? 'LogsRequest' : 'MetricsRequest';
    const content: unknown = type === 'application/json' ? JSON.parse(plain.toString()) : decoded(name, plain);
    if (url === '/v1/logs') kept.logs.push(logsRequest.parse(content));
    else kept.requests.push({ headers, body: metricsRequest.parse(content) });
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** The parts of the protocol (opentelemetry-proto, v1) that the schemas above allow. */
const PROTO = protobuf.parse(`
  syntax = "proto3";
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Scope { string name = 1; string version = 2; }
  message NumberDataPoint {
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    repeated KeyValue attributes = 7;
  }
  message Gauge { repeated NumberDataPoint data_points = 1; }
  message Sum {
    repeated NumberDataPoint data_points = 1;
    int32 aggregation_temporality = 2;
    bool is_monotonic = 3;
  }
  message Metric {
    string name = 1;
    string description = 2;
    string unit = 3;
    oneof data { Gauge gauge = 5; Sum sum = 7; }
  }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
  message LogRecord {
    fixed64 time_unix_nano = 1;
    int32 severity_number = 2;
    string severity_text = 3;
    AnyValue body = 5;
    repeated KeyValue attributes = 6;
    fixed64 observed_time_unix_nano = 11;
  }
  message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
  message LogsRequest { repeated ResourceLogs resource_logs = 1; }
`).root;

/** @throws for bytes that are not this message, or have other fields */
function decoded(name: 'LogsRequest' | 'MetricsRequest', bytes: Buffer): object {
  const type = PROTO.lookupType(name);
  const message = type.decode(bytes);
  // Unknown fields are skipped when read, so the same fields written again are fewer bytes.
  if (type.encode(message).finish().length !== bytes.length) throw new Error('fields that the protocol does not have');
  return type.toObject(message, { longs: String, arrays: true });
}
