/** Answers requests as InfluxDB does. A write is confirmed when its lines are in the journal. */
import {
  compileGlobs,
  describeError,
  inTurns,
  oneAtATime,
  parseLinesInSteps,
  type Accumulator,
  type HttpReply,
  type ListenOptions,
  type ParsedLines,
  type PluginContext,
  type ReceivedRequest,
  type Storage,
} from '../../plugin/index.ts';

import { DIALECTS, dialectOf, json, type Dialect } from './dialect.ts';
import { HEARTBEAT_MEASUREMENT, HEARTBEAT_PATHS, parseHeartbeat } from './heartbeat.ts';
import type { Options } from './options.ts';

/** A journal that cannot be written is tried again every five seconds. */
const RETRY_AFTER = { 'retry-after': '10' };

/** Clients ask for the version; this is no InfluxDB, and has none of its versions. */
const VERSION = { 'x-influxdb-version': 'healthd', 'x-influxdb-build': 'healthd' };

/** Of a request. */
const MOST_LINES = 200_000;

type Context = Pick<PluginContext, 'storage'>;

export function createAnswer(options: Options, context: Context, acc: Accumulator): ListenOptions['answer'] {
  const { storage } = context;
  const isAllowed = compileGlobs(options.databases);
  const next = oneAtATime();
  return async (request, signal) => {
    if (HEARTBEAT_PATHS.has(request.path)) return answerHeartbeat(request);
    const dialect = DIALECTS.get(request.path);
    if (dialect === undefined) return withVersion(await other(request, storage.trouble));
    const refusal = refusalOf(request, dialect, isAllowed, storage.trouble);
    if (refusal !== undefined) return refusal;
    const precision = precisionOf(request, dialect);
    const body = await request.body();
    const taken = await next(async () => {
      const parsed = await inTurns(parseLinesInSteps(body, { precision, most: MOST_LINES }), signal);
      const isRefused = parsed.refused > 0 && request.query.get('accept_partial') === 'false';
      // Requests before this one may have filled the journal.
      if (storage.trouble !== undefined) return unavailable(dialect, storage.trouble);
      if (parsed.isCut === true || isRefused) return { ...parsed, metrics: [] };
      add(acc, parsed, tagsOf(request, dialect, options));
      return parsed;
    });
    if ('status' in taken) return taken;
    if (taken.isCut === true)
      return dialect.refuse(413, `There are more than ${MOST_LINES} lines; send smaller batches`);
    const reply = withVersion(taken.refused > 0 ? dialect.refuseLines(taken) : DONE);
    return (await troubleOfWriting(storage, dialect)) ?? reply;
  };

  async function answerHeartbeat(request: ReceivedRequest): Promise<HttpReply> {
    const dialect = dialectOf(request.path);
    if (request.method !== 'POST') return dialect.refuse(405, 'Use POST');
    if (storage.trouble !== undefined) return unavailable(dialect, storage.trouble);
    const heartbeat = parseHeartbeat((await request.body()).toString());
    if (typeof heartbeat === 'string') return dialect.refuse(400, `No heartbeat of Telegraf: ${heartbeat}`);
    acc.add(HEARTBEAT_MEASUREMENT, heartbeat.fields, heartbeat.tags);
    return (await troubleOfWriting(storage, dialect)) ?? DONE;
  }
}

/** @returns undefined when everything added is in the journal */
async function troubleOfWriting(storage: Storage, dialect: Dialect): Promise<HttpReply | undefined> {
  try {
    await storage.written();
    return undefined;
  } catch (error) {
    return unavailable(dialect, describeError(error));
  }
}

/** A refusal that needs no body. */
function refusalOf(
  request: ReceivedRequest,
  dialect: Dialect,
  isAllowed: (database: string) => boolean,
  trouble: string | undefined,
): HttpReply | undefined {
  if (request.method !== 'POST') return dialect.refuse(405, 'Use POST');
  const database = databaseOf(request, dialect);
  if (!isAllowed(database))
    return dialect.refuse(404, `No database or bucket "${printed(database)}" is taken here; see the option databases`);
  if (precisionOf(request, dialect) === undefined)
    return dialect.refuse(400, `precision must be one of ${Object.keys(dialect.precisions).join(', ')}`);
  return trouble === undefined ? undefined : unavailable(dialect, trouble);
}

function databaseOf({ query }: ReceivedRequest, { database }: Dialect): string {
  return query.get(database) ?? '';
}

const DONE: HttpReply = { status: 204 };

function unavailable(dialect: Dialect, text: string): HttpReply {
  const reply = dialect.refuse(503, `${text}; try again`);
  return { ...reply, headers: { ...reply.headers, ...RETRY_AFTER } };
}

function precisionOf({ query }: ReceivedRequest, { precisions, defaultPrecision }: Dialect) {
  const given = query.get('precision') ?? '';
  if (given === '') return defaultPrecision;
  return Object.hasOwn(precisions, given) ? precisions[given] : undefined;
}

/** Tags of every line of a request, unless it has its own. */
function tagsOf(request: ReceivedRequest, dialect: Dialect, options: Options): Readonly<Record<string, string>> {
  const { database_tag: databaseTag, retention_policy_tag: policyTag } = options;
  return {
    ...(databaseTag !== undefined && { [databaseTag]: databaseOf(request, dialect) }),
    ...(policyTag !== undefined && { [policyTag]: request.query.get('rp') ?? '' }),
  };
}

function add(acc: Accumulator, { metrics }: ParsedLines, extra: Readonly<Record<string, string>>): void {
  const hasExtra = Object.keys(extra).length > 0;
  for (const { name, fields, tags, time } of metrics)
    acc.add(name, fields, hasExtra ? { ...extra, ...tags } : tags, time);
}

/** What clients ask besides: whether the server is there, and to create a database, which is none here. */
async function other(request: ReceivedRequest, trouble: string | undefined): Promise<HttpReply> {
  const { path, query } = request;
  switch (path) {
    case '/ping':
      return query.get('verbose') === 'true' ? json(200, { version: 'healthd' }) : DONE;
    case '/ready':
      return json(200, { status: 'ready' });
    case '/health':
      return json(trouble === undefined ? 200 : 503, {
        name: 'healthd',
        message: trouble ?? 'ready for writes',
        status: trouble === undefined ? 'pass' : 'fail',
        checks: [],
      });
    case '/query':
      return answerQuery(await statementOf(request));
    default:
      return dialectOf(path).refuse(404, `There is no ${printed(path)}; write to ${[...DIALECTS.keys()].join(', ')}`);
  }
}

async function statementOf({ method, query, body }: ReceivedRequest): Promise<string> {
  const form = method === 'POST' ? new URLSearchParams((await body()).toString()) : undefined;
  return query.get('q') ?? form?.get('q') ?? '';
}

/** Telegraf creates its database before it writes. */
function answerQuery(statement: string): HttpReply {
  if (/^\s*CREATE\s+DATABASE\b/i.test(statement)) return json(200, { results: [{ statement_id: 0 }] });
  return json(400, { error: 'healthd takes writes only; query its API, or the database that it sends to' });
}

function withVersion(reply: HttpReply): HttpReply {
  return { ...reply, headers: { ...VERSION, ...reply.headers } };
}

const MAX_PRINTED = 100;

function printed(text: string): string {
  return text.slice(0, MAX_PRINTED).replace(/[^\x20-\x7e]+/g, '?');
}
