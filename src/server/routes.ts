/** Requests to the local API → what is done and answered. */
import { RefusedRequest, type AlertControl } from '../alerts/control.ts';
import type { AuditEntry } from '../plugin/audit-entry.ts';
import type { HistoryFilter } from '../alerts/store/history-filter.ts';
import { z } from '../plugin/index.ts';

export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface ControlAnswer {
  readonly status: number;
  /** Anything that JSON can hold. */
  readonly body: unknown;
}

const text = z.string().min(1).max(1000);
const time = z.number().int().nonnegative();

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

type Handler = (control: AlertControl, request: ControlRequest, id: string) => unknown;

/** Method, a space, and the path; `:id` stands for one segment. */
const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /v1/alerts': (control) => control.alerts(),
  'GET /v1/history': (control, { query }) =>
    control.history(parse(historyQuery, Object.fromEntries(query)) as HistoryFilter),
  'GET /v1/silences': (control) => control.silences(),
  'POST /v1/silences': (control, { body }) => control.silence(withoutUndefined(parse(silenceRequest, body))),
  'POST /v1/silences/:id/expire': (control, { body }, id) => control.expireSilence(id, parse(who, body).by),
  'POST /v1/acks': (control, { body }) => control.acknowledge(withoutUndefined(parse(ackRequest, body))),
  'POST /v1/acks/:id/withdraw': (control, { body }, id) => control.withdrawAck(id, parse(who, body).by),
  'GET /v1/receivers': (control) => control.receivers(),
};

/** @throws RefusedRequest if what is asked for cannot be met */
export function answerControl(request: ControlRequest, control: AlertControl): ControlAnswer {
  for (const [route, handle] of Object.entries(ROUTES)) {
    const id = matchRoute(route, request);
    if (id !== undefined) return { status: 200, body: handle(control, request, id) };
  }
  return { status: 404, body: { error: `There is no ${request.method} ${request.path}` } };
}

/** @returns the segment that `:id` stands for, empty if the route has none; undefined if it does not match */
function matchRoute(route: string, { method, path }: ControlRequest): string | undefined {
  const [routeMethod, routePath = ''] = route.split(' ');
  const [wanted, given] = [routePath.split('/'), path.split('/')];
  if (routeMethod !== method || wanted.length !== given.length) return undefined;
  const fits = wanted.every((segment, index) => segment === ':id' || segment === given[index]);
  return fits ? decodeURIComponent(given[wanted.indexOf(':id')] ?? '') : undefined;
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new RefusedRequest(z.prettifyError(result.error).replace(/\s*\n\s*/g, '; '));
}

/** What zod gives for an option that is not there is `undefined`; the interfaces say that it is absent. */
function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
