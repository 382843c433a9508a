/** Alerts, silences and acknowledgements in the API. Times are ms since the Unix epoch. */
import { ALERT_LEVELS, z } from '../plugin/index.ts';

const text = z.string().min(1).max(1000);
const tags = z.record(z.string(), z.string());
/** Up to the last time that a Date can hold. */
export const time = z.number().int().nonnegative().max(8.64e15);

/** An alert with all that a notification says about it; `healthd/plugin` documents the fields (`AlertView`). */
export const alertView = z.object({
  fingerprint: z.string(),
  rule: z.string(),
  host: z.string(),
  status: z.enum(['firing', 'resolved']),
  level: z.enum(ALERT_LEVELS),
  previousLevel: z.enum(['ok', ...ALERT_LEVELS]),
  summary: z.string(),
  description: z.string().optional(),
  runbook: z.string().optional(),
  value: z.number().optional(),
  firedValue: z.number().optional(),
  silentSince: z.number().optional(),
  unit: z.string(),
  threshold: z.number().optional(),
  clear: z.number().optional(),
  direction: z.enum(['above', 'below']).optional(),
  startsAt: z.number(),
  endsAt: z.number().optional(),
  tags,
  labels: tags,
  /** Evenly spaced means over the last hour, oldest first. */
  trend: z.object({ since: z.number(), until: z.number(), values: z.array(z.number().nullable()) }).optional(),
  /** What was captured when it fired. */
  context: z.array(
    z.object({
      kind: z.enum(['host', 'top_cpu', 'top_memory', 'containers', 'source']),
      title: z.string(),
      columns: z.array(z.string()),
      rows: z.array(z.array(z.string())),
      note: z.string().optional(),
    }),
  ),
  ack: z.object({ by: z.string(), comment: z.string(), at: z.number() }).optional(),
  silenced: z.boolean(),
  flapping: z.boolean(),
  detail: z.string().optional(),
});

export const listedAlert = z.object({
  alert: alertView,
  state: z.enum(['pending', 'firing', 'recovering']),
  /** On a hub: its host is late, unreachable, down or stopped, so nobody knows whether it still fires. */
  isUnknown: z.boolean().optional(),
  /** While pending: how long after `startsAt` it fires, ms. */
  firesAfter: z.number().optional(),
  /** Why it is not notified now: `silenced by …`, `muted until …`. */
  suppressed: z.array(z.string()),
  /** At a hub: the host whose agent has handed it over. */
  from: z.object({ id: z.string(), name: z.string() }).optional(),
});

/**
 * `GET /api/v1/alerts`: what is pending, fires or recovers. Without a session, context is left out: it names processes and has
 * lines of logs.
 */
export const alertsAnswer = z.object({
  alerts: z.array(listedAlert),
  /** Windows of rules that have too few samples for a verdict, as after a start. */
  windows: z.array(z.object({ rule: z.string(), series: z.number(), covered: z.number(), needed: z.number() })),
});

export const KINDS = [
  'transition',
  'notification',
  'suppressed',
  'attempt',
  'handover',
  'silence',
  'ack',
  'agent',
] as const;

/** `GET /api/v1/alerts/history?since=&until=&fingerprint=&rule=&host=&kinds=&limit=`: the audit log; needs a session. */
export const alertHistoryAnswer = z.object({
  entries: z.array(
    z.object({
      at: z.number(),
      kind: z.enum(KINDS),
      reason: z.string(),
      fingerprint: z.string().optional(),
      rule: z.string().optional(),
      host: z.string().optional(),
      receiver: z.string().optional(),
      by: z.string().optional(),
      detail: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

/** `POST /api/v1/silences`. */
export const silenceRequest = z.strictObject({
  /** Label → pattern, or several; `host` and `rule` are labels. */
  match: z.record(text, z.union([text, z.array(text).min(1)])),
  from: time.optional(),
  until: time,
  comment: z.string().max(1000),
  by: text,
});

export const listedSilence = z.object({
  id: z.string(),
  match: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  from: z.number().optional(),
  until: z.number(),
  comment: z.string(),
  by: z.string(),
  state: z.enum(['pending', 'active', 'expired']),
  /** From the configuration: it cannot be expired here. */
  isConfigured: z.boolean(),
  /** Made at the hub: it is expired there. */
  isOfHub: z.boolean().optional(),
});

/** `GET /api/v1/silences`. */
export const silencesAnswer = z.object({ silences: z.array(listedSilence) });

/** `POST /api/v1/acks`: of a firing alert; a prefix of its fingerprint is enough. Without `until`, until it ends or gets worse. */
export const ackRequest = z.strictObject({
  fingerprint: text,
  by: text,
  comment: z.string().max(1000),
  until: time.optional(),
});

/** `POST /api/v1/alerts/:id/resolve`. */
export const resolveRequest = z.strictObject({ by: text, comment: z.string().max(1000) });

/** `POST /api/v1/silences/:id/expire`, `POST /api/v1/acks/:id/withdraw`. */
export const byRequest = z.strictObject({ by: text });

/** `GET /api/v1/audience?label=rule=host_down&label=host=db-1`: whom an alert with these labels would notify now. */
export const audienceAnswer = z.object({
  routes: z.array(
    z.object({
      /** Names from the root to the route. */
      path: z.array(z.string()),
      receivers: z.array(z.string()),
      /** A window without notifications is open. */
      isMuted: z.boolean(),
      /** Who is notified later, if nobody has acknowledged it by then; ms. */
      later: z.array(z.object({ after: z.number(), receivers: z.array(z.string()) })),
    }),
  ),
});

/** `GET /api/v1/receivers`: who is notified, and whether that works. */
export const receiversAnswer = z.object({
  receivers: z.array(
    z.object({
      name: z.string(),
      waiting: z.number(),
      /** Age of the oldest queued message, ms. */
      oldestMs: z.number(),
      sent: z.number(),
      failed: z.number(),
      trouble: z.string().optional(),
      /** How long nothing has been accepted; 0 if it works. */
      failingMs: z.number(),
    }),
  ),
});

export type ListedAlertInfo = z.infer<typeof listedAlert>;
export type AlertsAnswer = z.infer<typeof alertsAnswer>;
export type AlertHistoryAnswer = z.infer<typeof alertHistoryAnswer>;
export type SilencesAnswer = z.infer<typeof silencesAnswer>;
export type SilenceBody = z.infer<typeof silenceRequest>;
export type AckBody = z.infer<typeof ackRequest>;
export type AudienceAnswer = z.infer<typeof audienceAnswer>;
export type ReceiversAnswer = z.infer<typeof receiversAnswer>;
