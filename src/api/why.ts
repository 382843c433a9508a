/** `GET /api/v1/alerts/:id/why`: why somebody was, or was not, notified of an alert. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';
import { ALERT_LEVELS, CHANGE_KINDS } from '../plugin/notification.ts';

/** Steps that an answer has at most. */
export const MOST_STEPS = 1000;
/** Receivers that an answer names at most. */
export const MOST_RECEIVERS = 200;

/** A text in which numbers are times, so that the reader's zone shows them. */
const said = z.array(z.union([z.string().max(2000), z.number().min(-8.64e15).max(8.64e15)])).max(200);
const time = () => z.number().min(-8.64e15).max(8.64e15);

/** A process that has to do with the alert. */
const hop = z.object({
  /** `hub`: others hand their alerts to it. */
  role: z.enum(['agent', 'hub']),
  /** Of its host. */
  name: z.string().max(255),
});

export const MARKS = ['critical', 'warning', 'ok', 'sent', 'failed', 'held', 'ack', 'handover', 'note'] as const;

const whyStep = z.object({
  at: time(),
  hop,
  /** For its symbol. */
  mark: z.enum(MARKS),
  title: z.string().max(1000),
  /** Why; empty if there is no more to say. */
  why: said,
  receiver: z.string().max(255).optional(),
  /** Of an attempt: what the message says of this alert, and what became of it. `unknown`: it may have arrived. */
  attempt: z.object({ kind: z.enum(CHANGE_KINDS), outcome: z.enum(['accepted', 'unknown', 'not_sent']) }).optional(),
});

/** What a receiver knows, or waits for. */
const whyReceiver = z.object({
  name: z.string().max(255),
  hop,
  /**
   * - `notified`: it knows that the alert fires; `maybe`: the last attempt may have arrived
   * - `waiting`: it will be notified, see `why`; `failing`: the same, after attempts that failed
   * - `held`: it is not notified now, see `why`
   * - `owed`: the alert has ended, and it must still hear so
   * - `resolved`: it heard the end
   */
  state: z.enum(['notified', 'maybe', 'waiting', 'failing', 'held', 'owed', 'resolved']),
  /** When it first heard of it. */
  at: time().optional(),
  /** When it heard the end. */
  endedAt: time().optional(),
  why: said,
});

export const whyAnswer = z.object({
  /** By the clock of the process that answers. */
  now: time(),
  /** That answers. */
  hop,
  fingerprint: z.string().max(64),
  rule: z.string().max(255),
  host: z.string().max(255),
  summary: z.string().max(2000),
  level: z.enum(ALERT_LEVELS).optional(),
  state: z.enum(['pending', 'firing', 'recovering', 'ended']),
  /** Its host is not heard, so nobody knows whether it still fires. */
  isUnknown: z.boolean().optional(),
  startsAt: time().optional(),
  endsAt: time().optional(),
  /** Who notifies of it. */
  owner: hop,
  receivers: z.array(whyReceiver).max(MOST_RECEIVERS),
  /** Oldest first; the newest if there are more. */
  steps: z.array(whyStep).max(MOST_STEPS),
  /** There are more before these. */
  hasEarlier: z.boolean(),
  /** When it fired last. */
  episodeAt: time().optional(),
  /** Of an agent with a hub: whether the steps of the hub are among these. */
  hub: z.object({ isHeard: z.boolean(), error: z.string().max(1000).optional() }).optional(),
  /** The state in a sentence or two. */
  says: said,
});

/** `GET /api/v1/alerts/known?match=disk_*&match=host=web1`: alerts of now and of the past. */
export const knownAlertsAnswer = z.object({
  /** The newest first. */
  alerts: z.array(
    z.object({
      fingerprint: z.string(),
      rule: z.string(),
      host: z.string(),
      summary: z.string(),
      state: z.enum(['pending', 'firing', 'recovering', 'ended']),
      /** When it was heard of last: now, unless it has ended. */
      at: z.number(),
    }),
  ),
  /** More of them match. */
  isCut: z.boolean(),
});

export type Said = readonly (string | number)[];
export type Hop = Readonly<z.output<typeof hop>>;
export type WhyStep = Readonly<Omit<z.output<typeof whyStep>, 'why'>> & { readonly why: Said };
export type WhyReceiver = Readonly<Omit<z.output<typeof whyReceiver>, 'why'>> & { readonly why: Said };
export type WhyAnswer = Readonly<Omit<z.output<typeof whyAnswer>, 'steps' | 'receivers' | 'says'>> & {
  readonly steps: readonly WhyStep[];
  readonly receivers: readonly WhyReceiver[];
  readonly says: Said;
};
export type KnownAlert = Readonly<z.output<typeof knownAlertsAnswer>['alerts'][number]>;
