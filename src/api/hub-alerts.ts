/**
 * What an agent and its hub say about alerts: `POST /api/v1/agents/alerts`. Each message has the whole list of what fires on the host,
 * and the bodies that the hub lacks, so that a message that is lost or comes twice does no harm. Texts of agents are cut, not refused.
 */
import { z } from '../plugin/index.ts';
import { ALERT_LEVELS, CHANGE_KINDS, CONTEXT_KINDS, LEVELS } from '../plugin/notification.ts';

/** Alerts that an agent hands over at the same time; it notifies of others by itself. */
export const MOST_HANDED = 1000;
/** Alerts with all that is known of them in one message. */
export const MOST_BODIES = 50;
/** How `held` begins when the agent has asked another hub to notify; the name of that hub follows. */
export const NOTIFIED_BY_HUB = 'the hub ';
/** Receivers of an agent that an alert names. */
const MOST_TOLD = 50;
const MOST_TAGS = 60;

const code = (most: number) =>
  z
    .string()
    .regex(/^[\w-]+$/)
    .max(most);
const cut = (most: number) => z.string().transform((text) => text.slice(0, most));
const time = () => z.number().min(0).max(8.64e15);
const tags = () =>
  z.record(z.string(), z.string()).transform((all) =>
    Object.fromEntries(
      Object.entries(all)
        .slice(0, MOST_TAGS)
        .map(([name, value]) => [name.slice(0, 64), value.slice(0, 255)]),
    ),
  );
const list = <Item extends z.ZodType>(item: Item, most: number) =>
  z.array(item).transform((items) => items.slice(0, most));

const contextTable = z.object({
  kind: z.enum(CONTEXT_KINDS),
  title: cut(200),
  columns: list(cut(100), 20),
  rows: list(list(cut(500), 20), 100),
  note: cut(500).optional(),
});

const trend = z.object({
  since: z.number(),
  until: z.number(),
  values: z.array(z.number().nullable()).max(200),
});

/** See `AlertView`. What people did about it is not part of it. */
const handedView = z.object({
  fingerprint: code(64),
  rule: cut(200),
  host: cut(255),
  status: z.enum(['firing', 'resolved']),
  level: z.enum(ALERT_LEVELS),
  previousLevel: z.enum(LEVELS),
  summary: cut(1000),
  description: cut(4000).optional(),
  runbook: cut(2000).optional(),
  value: z.number().optional(),
  firedValue: z.number().optional(),
  silentSince: time().optional(),
  unit: cut(64),
  threshold: z.number().optional(),
  clear: z.number().optional(),
  direction: z.enum(['above', 'below']).optional(),
  startsAt: time(),
  endsAt: time().optional(),
  tags: tags(),
  labels: tags(),
  trend: trend.optional(),
  context: list(contextTable, 10),
  flapping: z.boolean(),
  detail: cut(500).optional(),
});

export const handedAlert = z.object({
  /** Random id of one span from firing to resolved. */
  episode: code(64),
  /** Of all below that matters. */
  digest: code(64),
  status: z.enum(['firing', 'ended']),
  view: handedView,
  /** What it was at its highest level. */
  worst: z.object({ level: z.enum(ALERT_LEVELS), value: z.number().optional(), summary: cut(1000) }).optional(),
  /** Its rule is history only. */
  isQuiet: z.boolean(),
  /** Since its last change, ms. */
  ageMs: z.number().min(0),
  /** Its context comes within this time, ms. */
  contextMs: z.number().min(0).max(60_000).optional(),
  /** Why this hub does not notify: somebody has silenced it at the agent, or another hub was asked. */
  held: cut(500).optional(),
  /** Receivers of the agent heard of it, or may have: then the agent goes on until it ends. */
  isDelivered: z.boolean(),
  /** These receivers: hashes of their addresses, by the hub's key, and how long ago they heard of it last; 0: more will follow. */
  told: z.array(z.object({ hash: code(64), ageMs: z.number().min(0) })).max(MOST_TOLD),
});

/** What was done about an alert: the later `rev` counts, at hub and agent alike. Times are relative, since clocks differ. */
const ackRegister = z.object({
  fingerprint: code(64),
  rev: z.number().int().positive().max(1e9),
  /** Null: it was withdrawn, or has ended. */
  ack: z
    .object({
      by: cut(1000),
      comment: cut(1000),
      /** Level of the alert then. */
      level: z.enum(ALERT_LEVELS),
      ageMs: z.number().min(0),
      /** Until it ends; undefined: as long as the alert. */
      leftMs: z.number().optional(),
    })
    .nullable(),
});

const hubSilence = z.object({
  id: code(64),
  match: z.record(cut(1000), z.union([cut(1000), z.array(cut(1000)).max(100)])),
  /** From now; negative: it has begun. ms. */
  fromMs: z.number(),
  leftMs: z.number(),
  comment: cut(1000),
  by: cut(1000),
});

/** An attempt of an agent to notify one of its receivers of one alert. */
export const deed = z.object({
  id: code(64),
  fingerprint: code(64),
  receiver: cut(255),
  kind: z.enum(CHANGE_KINDS),
  outcome: z.enum(['accepted', 'unknown', 'not_sent']),
  error: cut(500).optional(),
  ageMs: z.number().min(0),
});

/** Of one message. */
export const MOST_DEEDS = 100;

/** Somebody ended an alert at the hub, by hand. */
const resolution = z.object({
  fingerprint: code(64),
  episode: code(64),
  /** Of the alert then: one that got worse meanwhile goes on. */
  level: z.enum(ALERT_LEVELS),
  by: cut(1000),
  comment: cut(1000),
});

/** In one answer; others follow with the next. */
export const MOST_RESOLUTIONS = 200;

/** Silences that a hub sends to one host. */
export const MOST_SILENCES = 200;

export const alertsMessage = z.object({
  /** Higher than in the message before, within a session. */
  seq: z.number().int().nonnegative(),
  /** All that fires. Null: the agent only asks for the key. */
  open: z
    .array(z.object({ fingerprint: code(64), digest: code(64) }))
    .max(MOST_HANDED)
    .nullable(),
  alerts: z.array(handedAlert).max(MOST_BODIES),
  /** Of alerts that fire, what was done about them. */
  acks: z.array(ackRegister).max(MOST_HANDED),
  /** `version` of the last answer. */
  version: code(200).nullable(),
  /** What the agent did by itself, and the hub has not heard of; agents of earlier versions do not say it. */
  deeds: z.array(deed).max(MOST_DEEDS).optional(),
});

export const alertsAnswer = z.object({
  /** Whether the hub has receivers at all: else agents go on as without a hub. */
  delivers: z.boolean(),
  /** For hashes of addresses. */
  key: code(64),
  /** Fingerprints of `open` that the hub has not, or has otherwise. */
  missing: z.array(z.string()).max(MOST_HANDED),
  /** Fingerprints of `alerts` that the hub has no room for. */
  refused: z.array(z.string()).max(MOST_BODIES),
  /** What was done at the hub, if that is later or says something else. */
  acks: z.array(ackRegister).max(MOST_HANDED),
  /** Of all that people did at the hub about this host; heartbeats say it too. */
  version: code(200),
  /** Alerts of the host that somebody ended at the hub; hubs of earlier versions have none. */
  resolutions: z.array(resolution).max(MOST_RESOLUTIONS).optional(),
  /** Undefined: as before. */
  silences: z.array(hubSilence).max(MOST_SILENCES).optional(),
  /** Tags of the host, which silences of the hub may name. */
  tags: z.record(z.string(), z.string()).optional(),
  /** Receivers of the hub that heard of alerts of this message that the agent goes on with: hashes of their addresses. */
  told: z.array(z.object({ fingerprint: z.string(), hashes: z.array(code(64)).max(MOST_TOLD) })).max(MOST_BODIES),
});

export type Resolution = z.output<typeof resolution>;
export type Deed = z.output<typeof deed>;
export type AckRegister = z.output<typeof ackRegister>;
export type HubSilence = z.output<typeof hubSilence>;
export type HandedAlert = z.output<typeof handedAlert>;
export type AlertsMessage = z.output<typeof alertsMessage>;
export type AlertsAnswer = z.output<typeof alertsAnswer>;
