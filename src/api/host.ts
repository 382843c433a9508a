/** The host in the API: what it is, what runs on it, what is wrong with it. Times are ms since the Unix epoch. */
import { z } from '../plugin/index.ts';

/** `GET /api/v1/hosts`. One agent knows one host; a hub knows many. */
export const hostInfo = z.object({
  /** Stays when the host is renamed. */
  id: z.string(),
  name: z.string(),
  /** `Debian GNU/Linux 12`. */
  os: z.string(),
  kernel: z.string(),
  arch: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  bootedAt: z.number(),
  /** Addresses of its interfaces but loopback, at most 8. */
  addresses: z.array(z.string()),
  tags: z.record(z.string(), z.string()),
  /** IANA name, such as `Europe/Paris`. */
  timeZone: z.string(),
  agent: z.object({ version: z.string(), startedAt: z.number(), intervalMs: z.number() }),
});
export const hostsAnswer = z.object({
  hosts: z.array(hostInfo),
  now: z.number(),
  /** Whether this agent is a hub: `GET /api/v1/fleet` has the hosts. */
  isHub: z.boolean().default(false),
});

export const processInfo = z.object({
  pid: z.number(),
  /** The kernel's short name; never the arguments. */
  name: z.string(),
  /** Empty if it is not known. */
  user: z.string(),
  /** The systemd unit or the container; empty if there is none. */
  unit: z.string(),
  /** 100 is one core. */
  cpu: z.number(),
  /** Resident memory, bytes. */
  memory: z.number(),
  /** Bytes a second from and to storage; null if the agent may not see it. */
  read: z.number().nullable(),
  written: z.number().nullable(),
});

/** `GET /api/v1/processes?at=`: the frame at or before a time, at most 60 s older; without `at`, the newest. */
export const processesAnswer = z.object({
  /** Of the frame; null if there is none. */
  at: z.number().nullable(),
  /** All processes of the host. */
  total: z.number(),
  /** The union of the top ten by each of the four figures; in the live stream, of the top forty. */
  processes: z.array(processInfo),
  /** Without a session: processes of other users than the agent's are left out. */
  isRestricted: z.boolean(),
});

/** Something that happened: a marker on charts. */
export const eventInfo = z.object({
  at: z.number(),
  /** Undefined while it lasts, or if it has no duration. */
  until: z.number().optional(),
  kind: z.enum(['alert', 'boot', 'agent', 'unit', 'oom', 'mount', 'container', 'clock', 'gap']),
  level: z.enum(['info', 'warning', 'critical']),
  /** One line. */
  title: z.string(),
  /** Of an alert: its fingerprint. */
  alert: z.string().optional(),
});
/** `GET /api/v1/events?from=&to=&limit=`: the newest first. */
export const eventsAnswer = z.object({ events: z.array(eventInfo), isComplete: z.boolean() });

/** A text in which names stand out: strings as they are, names as the system writes them. */
export const sentence = z.array(z.union([z.string(), z.object({ name: z.string() })]));

export const finding = z.object({
  /** Stays the same while the finding lasts. */
  id: z.string(),
  level: z.enum(['critical', 'warning', 'unknown', 'note']),
  sentence,
  /** Who, how much, what was done about it. */
  evidence: z.string(),
  /** Since when; null if that is not known. */
  since: z.number().nullable(),
  /** Of a firing alert. */
  alert: z
    .object({
      fingerprint: z.string(),
      rule: z.string(),
      acknowledgedBy: z.string().optional(),
      silencedUntil: z.number().optional(),
    })
    .optional(),
  /** The chart that shows it. */
  series: z.string().optional(),
  /** By what the processes are to be sorted. */
  sort: z.enum(['cpu', 'memory', 'read', 'written']).optional(),
});
/** `GET /api/v1/findings`: firing alerts and what the agent found, what is not handled first, then by level and time. */
export const findingsAnswer = z.object({
  at: z.number(),
  findings: z.array(finding),
  /** Checks that found nothing. */
  fine: z.number(),
});

/** `GET /api/v1/inventory`: label and value by section, such as `Memory` → `Slot 0`: `16 GiB DDR4`. */
export const inventoryAnswer = z.object({
  at: z.number(),
  sections: z.array(z.object({ title: z.string(), rows: z.array(z.tuple([z.string(), z.string()])) })),
});

export type HostInfo = z.infer<typeof hostInfo>;
export type HostsAnswer = z.infer<typeof hostsAnswer>;
export type ProcessInfo = z.infer<typeof processInfo>;
export type ProcessesAnswer = z.infer<typeof processesAnswer>;
export type EventInfo = z.infer<typeof eventInfo>;
export type EventsAnswer = z.infer<typeof eventsAnswer>;
export type Sentence = z.infer<typeof sentence>;
export type Finding = z.infer<typeof finding>;
export type FindingsAnswer = z.infer<typeof findingsAnswer>;
export type InventoryAnswer = z.infer<typeof inventoryAnswer>;
