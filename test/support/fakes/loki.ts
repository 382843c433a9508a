/**
 * A Loki with the default limits of the real one and its error texts. Like the real one it stores the valid part of a request
 * even if it refuses the rest, and keeps equal entries once.
 */
import { z } from 'zod';

import type { Certificate } from '../kit/certificate.ts';
import { startFakeHttp, type FakeAnswer, type FakeHttp, type FakeReply, type ReceivedRequest } from './http.ts';

export interface FakeLokiSettings {
  /** The expected header; none by default. */
  readonly authorization?: string;
  /** `auth_enabled`: requests without a tenant are refused. */
  readonly hasTenants?: boolean;
  readonly certificate?: Certificate;
}

export interface StoredEntry {
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface FakeLoki extends FakeHttp {
  /** Tenant and labels, as in LogQL → time → entries. */
  readonly streams: Map<string, Map<bigint, StoredEntry[]>>;
  /** The current time, ns; limits on age refer to it. */
  now: bigint;
  /** `allow_structured_metadata`. */
  takesMetadata: boolean;
  /** Bytes, decompressed. */
  maxBytes: number;
  /** `max_global_streams_per_user`. */
  maxStreams: number;
  /** Streams over their rate limit. */
  isLimited: (labels: string) => boolean;
  /** Lines, oldest first. */
  lines(): readonly string[];
}

const push = z.strictObject({
  streams: z.array(
    z.strictObject({
      stream: z.record(z.string(), z.string()),
      values: z.array(
        z.union([
          z.tuple([z.string().regex(/^-?\d+$/), z.string()]),
          z.tuple([z.string().regex(/^-?\d+$/), z.string(), z.record(z.string(), z.string())]),
        ]),
      ),
    }),
  ),
});

type Pushed = z.infer<typeof push>['streams'][number];

const MINUTE = 60_000_000_000n;
const MAX_AGE = 7n * 24n * 60n * MINUTE;
const GRACE = 10n * MINUTE;
/** Half of `max_chunk_age`. */
const WINDOW = 60n * MINUTE;
const MAX_LABELS = 15;
const MAX_LABEL_NAME = 1024;
const MAX_LABEL_VALUE = 2048;
const MAX_LINE = 256 * 1024;

const TOO_MANY_STREAMS =
  'Maximum active stream limit exceeded when trying to create stream, reduce the number of active streams (reduce labels or ' +
  "reduce label values), or contact your Loki administrator to see if the limit can be increased, user: 'fake'";

const text = (status: number, body: string): FakeAnswer => ({ status, body: `${body}\n` });

export async function startFakeLoki(settings: FakeLokiSettings = {}): Promise<FakeLoki> {
  const server = await startFakeHttp(answer, settings.certificate);
  const fake: FakeLoki = Object.assign(server, {
    streams: new Map<string, Map<bigint, StoredEntry[]>>(),
    now: 1_700_000_100_000_000_000n,
    takesMetadata: true,
    maxBytes: 100 * 1024 * 1024,
    maxStreams: Infinity,
    isLimited: () => false,
    lines: () => [...fake.streams.values()].flatMap((stream) => [...stream.values()].flat()).map(({ line }) => line),
  });
  return fake;

  function answer(request: ReceivedRequest): FakeReply {
    const { method, path, headers, body } = request;
    if (headers.authorization !== settings.authorization) return text(401, 'Unauthorized');
    if (path !== '/loki/api/v1/push') return text(404, '404 page not found');
    if (method !== 'POST') return text(405, '');
    const tenant = headers['x-scope-orgid'];
    if (settings.hasTenants === true && tenant === undefined) return text(401, 'no org id');
    // Loki takes any other type for snappy and protobuf.
    if (headers['content-type'] !== 'application/json') return text(400, 'snappy: corrupt input');
    if (Buffer.byteLength(body) > fake.maxBytes)
      return text(413, `request body too large, limit: ${fake.maxBytes} bytes`);
    const { data } = push.safeParse(JSON.parse(body));
    if (data === undefined) return text(400, 'loghttp.PushRequest.Streams: unmarshal error');
    if (data.streams.length === 0) return text(422, 'error at least one valid stream is required for ingestion');
    const limited = data.streams.map(({ stream }) => labelsOf(stream)).find((labels) => fake.isLimited(labels));
    const errors = data.streams.flatMap((stream) => store(stream, String(tenant ?? 'fake')));
    if (errors.includes(TOO_MANY_STREAMS)) return text(429, TOO_MANY_STREAMS);
    if (limited !== undefined) {
      return text(
        429,
        `Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '${limited}'`,
      );
    }
    return errors.length > 0 ? text(400, errors.slice(0, 10).join('\n')) : { status: 204 };
  }

  /** @returns what was refused */
  function store({ stream, values }: Pushed, tenant: string): readonly string[] {
    const labels = labelsOf(stream);
    if (fake.isLimited(labels)) return [];
    const problem = problemOfLabels(stream, labels);
    if (problem !== undefined) return [problem];
    const key = `${tenant} ${labels}`;
    if (!fake.streams.has(key) && fake.streams.size >= fake.maxStreams) return [TOO_MANY_STREAMS];
    const entries = fake.streams.get(key) ?? new Map<bigint, StoredEntry[]>();
    fake.streams.set(key, entries);
    return values.flatMap(([nanoseconds, line, metadata = {}]) => {
      const time = BigInt(nanoseconds);
      const refusal = problemOfEntry({ time, line, metadata }, entries, labels);
      if (refusal !== undefined) return [refusal];
      const same = entries.get(time) ?? [];
      if (!same.some((entry) => entry.line === line)) entries.set(time, [...same, { line, metadata }]);
      return [];
    });
  }

  function problemOfEntry(
    { time, line, metadata }: StoredEntry & { readonly time: bigint },
    entries: ReadonlyMap<bigint, unknown>,
    labels: string,
  ): string | undefined {
    const oldest = fake.now - MAX_AGE;
    if (time < oldest)
      return `entry for stream '${labels}' has timestamp too old: ${time}, oldest acceptable: ${oldest}`;
    if (time > fake.now + GRACE) return `entry for stream '${labels}' has timestamp too new: ${time}`;
    if (Buffer.byteLength(line) > MAX_LINE) {
      return `Max entry size '${MAX_LINE}' bytes exceeded for stream '${labels}' while adding an entry`;
    }
    if (Object.keys(metadata).length > 0 && !fake.takesMetadata) {
      return `stream '${labels}' includes structured metadata, but this feature is disallowed.`;
    }
    const newest = [...entries.keys()].reduce((a, b) => (a > b ? a : b), 0n);
    if (time >= newest - WINDOW) return undefined;
    return `entry with timestamp ${time} ignored, reason: 'entry too far behind', for stream: ${labels}`;
  }
}

function problemOfLabels(stream: Readonly<Record<string, string>>, labels: string): string | undefined {
  const entries = Object.entries(stream);
  if (entries.length === 0) return 'error at least one label pair is required per stream';
  if (entries.length > MAX_LABELS) {
    return `entry for stream '${labels}' has ${entries.length} label names; limit ${MAX_LABELS}`;
  }
  for (const [name, value] of entries) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || name.startsWith('__')) return `Error parsing labels '${labels}'`;
    if (Buffer.byteLength(name) > MAX_LABEL_NAME) return `stream '${labels}' has label name too long: '${name}'`;
    if (Buffer.byteLength(value) > MAX_LABEL_VALUE) return `stream '${labels}' has label value too long: '${value}'`;
  }
  return undefined;
}

function labelsOf(stream: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(stream).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.sort().join(', ')}}`;
}
