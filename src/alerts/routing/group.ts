/** What one receiver was told about one group of alerts. */
import type { Tags } from '../../metric/metric.ts';
import { ALERT_LEVELS, type AlertLevel, type AlertView } from '../../plugin/notification.ts';
import { z } from '../../plugin/index.ts';

import type { Route } from './routing.ts';

/** What was said of an alert. */
export interface Told {
  readonly level: AlertLevel;
  readonly startsAt: number;
  readonly flapping: boolean;
  /** As it was then, to say what has ended if nobody else knows any more. */
  readonly view: AlertView;
}

/** Written by this program; what matters for telling an end is looked at. */
const storedView = z
  .looseObject({ fingerprint: z.string(), rule: z.string(), host: z.string(), summary: z.string() })
  .transform((view) => view as unknown as AlertView);

const stored = z.object({
  receiver: z.string(),
  routeId: z.string(),
  groupKey: z.string(),
  tags: z.record(z.string(), z.string()),
  told: z.record(
    z.string(),
    z.object({
      level: z.enum(ALERT_LEVELS),
      startsAt: z.number(),
      flapping: z.boolean(),
      view: storedView,
    }),
  ),
  sentAt: z.number().optional(),
  firstAt: z.number().optional(),
  sequence: z.number(),
  reminder: z.number(),
  escalated: z.number(),
});

export type StoredGroup = z.output<typeof stored>;

/** @returns undefined for what is not a group */
export function readGroup(value: unknown): StoredGroup | undefined {
  const result = stored.safeParse(value);
  return result.success ? result.data : undefined;
}

export class Group {
  readonly receiver: string;
  readonly groupKey: string;
  readonly tags: Tags;
  route: Route;
  /** Fingerprints of what fires or was told. */
  readonly members = new Set<string>();
  readonly told = new Map<string, Told>();
  /** The end of an alert that was told is kept until it is told. */
  readonly ended = new Map<string, AlertView>();
  /** When it is looked at; undefined: nothing has changed. ms since the Unix epoch, as are the others. */
  dueAt: number | undefined;
  sentAt: number | undefined;
  /** Of the present run of notifications, from the first to the one that says that all is over. */
  firstAt: number | undefined;
  sequence = 0;
  reminder = 0;
  /** How many steps of the route's escalation were taken. */
  escalated = 0;
  /** Why each member is not told at present, so that it is said once in the history. */
  readonly suppressed = new Map<string, string>();

  constructor(receiver: string, route: Route, groupKey: string, tags: Tags) {
    this.receiver = receiver;
    this.route = route;
    this.groupKey = groupKey;
    this.tags = tags;
  }

  get key(): string {
    return `${this.receiver} ${this.groupKey}`;
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && this.told.size === 0;
  }

  /** Looks at it then, or earlier if it is due earlier. */
  schedule(at: number): void {
    this.dueAt = Math.min(this.dueAt ?? Infinity, at);
  }

  toStored(): StoredGroup {
    const { receiver, groupKey, tags, sentAt, firstAt, sequence, reminder, escalated } = this;
    return {
      receiver,
      routeId: this.route.id,
      groupKey,
      tags,
      told: Object.fromEntries(this.told),
      ...(sentAt === undefined ? {} : { sentAt }),
      ...(firstAt === undefined ? {} : { firstAt }),
      sequence,
      reminder,
      escalated,
    };
  }

  take({ told, sentAt, firstAt, sequence, reminder, escalated }: StoredGroup): void {
    for (const [fingerprint, each] of Object.entries(told)) {
      this.told.set(fingerprint, each);
      this.members.add(fingerprint);
    }
    Object.assign(this, { sentAt, firstAt, sequence, reminder, escalated });
  }
}
