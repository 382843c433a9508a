/** Routes of the control API of alerts. */
import { RefusedRequest, type AlertControl } from '../../alerts/control.ts';
import type { HistoryFilter } from '../../alerts/store/history-filter.ts';
import { z, type AuditEntry } from '../../plugin/index.ts';

import type { Route } from '../route.ts';

const text = z.string().min(1).max(1000);
/** ms since the Unix epoch, up to the last time that a Date can hold. */
const time = z.number().int().nonnegative().max(8.64e15);

const silenceRequest = z.strictObject({
  match: z.record(text, z.union([text, z.array(text).min(1)])),
  from: time.optional(),
  until: time,
  comment: z.string().max(1000),
  by: text,
});
const ackRequest = z.strictObject({
  fingerprint: text,
  by: text,
  comment: z.string().max(1000),
  until: time.optional(),
});
const resolveRequest = z.strictObject({ by: text, comment: z.string().max(1000) });
const who = z.strictObject({ by: text });

const KINDS = [
  'transition',
  'notification',
  'suppressed',
  'attempt',
  'silence',
  'ack',
  'agent',
] as const satisfies readonly AuditEntry['kind'][];

const historyQuery = z.strictObject({
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  fingerprint: text.optional(),
  rule: text.optional(),
  host: text.optional(),
  kinds: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(KINDS)))
    .optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
});

export function alertRoutes(control: AlertControl): readonly Route[] {
  return [
    read('/v1/alerts', () => control.alerts()),
    read('/v1/windows', () => control.windows()),
    read('/v1/history', ({ query }) =>
      control.history(parse(historyQuery, Object.fromEntries(query)) as HistoryFilter),
    ),
    read('/v1/silences', () => control.silences()),
    act('/v1/silences', ({ body }) => control.silence(withoutUndefined(parse(silenceRequest, body)))),
    act('/v1/silences/:id/expire', ({ id, body }) => control.expireSilence(id, parse(who, body).by)),
    act('/v1/acks', ({ body }) => control.acknowledge(withoutUndefined(parse(ackRequest, body)))),
    act('/v1/acks/:id/withdraw', ({ id, body }) => control.withdrawAck(id, parse(who, body).by)),
    act('/v1/alerts/:id/resolve', ({ id, body }) =>
      control.resolve({ fingerprint: id, ...parse(resolveRequest, body) }),
    ),
    read('/v1/receivers', () => control.receivers()),
  ];
}

type Answer = (request: Parameters<Route['handle']>[0]) => unknown;

function read(path: string, answer: Answer): Route {
  return { method: 'GET', path, scope: 'read', handle: (request) => Promise.resolve(answer(request)) };
}

function act(path: string, answer: Answer): Route {
  return { method: 'POST', path, scope: 'act', handle: (request) => Promise.resolve(answer(request)) };
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new RefusedRequest(z.prettifyError(result.error).replace(/\s*\n\s*/g, '; '));
}

/** zod sets missing optional keys to `undefined`; the interfaces require them to be absent. */
function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
