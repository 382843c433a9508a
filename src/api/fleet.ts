/** The fleet in the API of a hub. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';

export const PRESENCES = ['pending', 'up', 'late', 'unreachable', 'down', 'stopped'] as const;

const tags = z.record(z.string(), z.string());

/** The newest of a few numbers, from the host's lines; null if none came since the hub started. */
export const fleetVitals = z.object({
  /** Busy, percent of all processors. */
  cpu: z.number().nullable(),
  /** Used, percent. */
  memory: z.number().nullable(),
  /** Of the fullest file system, percent. */
  disk: z.number().nullable(),
  /** Load of one minute. */
  load: z.number().nullable(),
});

export const HOST_KINDS = ['agent', 'writer'] as const;

/** A plain writer has no agent, so it has no tags, addresses, version or account of lines. */
export const fleetHost = z.object({
  /** Stays when the host is renamed. Of a plain writer its name. */
  id: z.string(),
  kind: z.enum(HOST_KINDS),
  /** Value of the `host` tag. */
  name: z.string(),
  /** How people call it; absent: by its name. */
  title: z.string().optional(),
  /** Tags that the hub has given it; they count for scopes. */
  labels: tags.optional(),
  /** The newest first. */
  formerNames: z.array(z.object({ name: z.string(), until: z.number() })),
  tags,
  presence: z.enum(PRESENCES),
  /** Of a host that is not heard: whether it answers, `but the host answers on port 22`. */
  opinion: z.string().optional(),
  /** Since when it is like this. */
  since: z.number(),
  heardAt: z.number(),
  joinedAt: z.number(),
  /** Since when it has its key; absent for one that has none. */
  keyAt: z.number().optional(),
  bootedAt: z.number(),
  addresses: z.array(z.string()),
  /** Of healthd. */
  version: z.string(),
  /** The hub's clock minus the host's, ms; null if it is not known. */
  offsetMs: z.number().nullable(),
  isRevoked: z.boolean(),
  /** Id of the host that this one is a clone of. */
  clonedFrom: z.string().nullable(),
  vitals: fleetVitals,
  lines: z.object({
    received: z.number(),
    /** Sent later, or lost. */
    missing: z.number(),
    /** Never to come. */
    lost: z.number(),
    /** On the host, for the hub. */
    pending: z.number(),
    /** Since when nothing is missing; null before the first line. */
    completeSince: z.number().nullable(),
  }),
});

export const fleetSite = z.object({
  /** Empty for hosts without the tag. */
  site: z.string(),
  hosts: z.number(),
  silent: z.number(),
  isLost: z.boolean(),
});

/** `GET /api/v1/fleet`. */
export const fleetAnswer = z.object({
  hosts: z.array(fleetHost),
  sites: z.array(fleetSite),
  /** Tag that names the site of a host. */
  siteTag: z.string(),
  now: z.number(),
});

export const fleetEvent = z.object({
  at: z.number(),
  kind: z.string(),
  host: z.string().optional(),
  name: z.string(),
  text: z.string(),
});
/** `GET /api/v1/fleet/events`: the newest first. */
export const fleetEventsAnswer = z.object({ events: z.array(fleetEvent) });

export const joinToken = z.object({
  /** For people; not the token. */
  id: z.string(),
  tags,
  createdAt: z.number(),
  expiresAt: z.number(),
  uses: z.number(),
  used: z.number(),
});
export const tokensAnswer = z.object({ tokens: z.array(joinToken) });

const DAY = 86_400_000;

const labelKey = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'must be letters, digits and . _ -')
  .refine((key) => !['host', 'host_id'].includes(key), 'is taken');

export const tokenRequest = z.strictObject({
  tags: z.record(labelKey, z.string().min(1).max(255)).default({}),
  expiresMs: z
    .number()
    .int()
    .min(60_000)
    .max(365 * DAY),
  uses: z.number().int().min(1).max(10_000),
  /** Hosts that join with it are forgotten after so long without a word, ms. Default: as the hub is configured. */
  forgetAfterMs: z.number().int().min(60_000).optional(),
});
/** Shown once. */
export const tokenAnswer = z.object({
  id: z.string(),
  /** The address for `healthd join`, with the token and the fingerprint of the hub's certificate. */
  join: z.string(),
  expiresAt: z.number(),
});

export const hostActed = z.object({
  id: z.string(),
  name: z.string(),
  /** Ids of hosts that wait for approval from now on: clones of one that was revoked. */
  suspended: z.array(z.string()).optional(),
});

/** `POST /api/v1/fleet/hosts/:id/rename`. */
export const renameRequest = z.strictObject({
  /** How people see the host; empty: by its own name. */
  name: z
    .string()
    .trim()
    .max(255)
    .regex(/^\P{C}*$/u, 'must have no control characters'),
});

/** `POST /api/v1/fleet/hosts/:id/labels`. */
export const labelRequest = z.strictObject({
  /** An empty value takes a label away. */
  labels: z.record(labelKey, z.string().max(255)).refine((labels) => Object.keys(labels).length > 0, 'needs a label'),
});

export type FleetVitals = z.output<typeof fleetVitals>;
export type FleetSite = z.output<typeof fleetSite>;
export type FleetHost = z.output<typeof fleetHost>;
export type FleetAnswer = z.output<typeof fleetAnswer>;
export type FleetEventsAnswer = z.output<typeof fleetEventsAnswer>;
export type ActedAnswer = z.output<typeof hostActed>;
export type LabelRequest = z.output<typeof labelRequest>;
export type TokensAnswer = z.output<typeof tokensAnswer>;
export type TokenRequest = z.output<typeof tokenRequest>;
export type TokenAnswer = z.output<typeof tokenAnswer>;
