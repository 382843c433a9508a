/** Version 1 of the store had groups and queued notifications; version 2 has facts and a ledger. */
import { z } from '../../plugin/index.ts';
import { ALERT_LEVELS } from '../../plugin/notification.ts';

const level = z.enum(ALERT_LEVELS);
const view = z.looseObject({
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  level,
  startsAt: z.number(),
});
const tags = z.record(z.string(), z.string());

const groupSchema = z.object({
  receiver: z.string(),
  routeId: z.string(),
  groupKey: z.string(),
  tags,
  told: z.record(z.string(), z.object({ level, startsAt: z.number(), flapping: z.boolean(), view })),
  sentAt: z.number().optional(),
  firstAt: z.number().optional(),
});

const entrySchema = z.object({
  notification: z.object({
    receiver: z.string(),
    groupKey: z.string(),
    groupTags: tags,
    time: z.number(),
    alerts: z.array(view),
  }),
  mayHaveArrived: z.boolean().default(false),
});

interface StoredRow {
  readonly key: string;
  readonly value: string;
}

type Migrated = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** What cannot be read is left out: the next event of its alert begins again. */
export function migrateGroups(
  groups: readonly StoredRow[],
  queued: readonly StoredRow[],
): { readonly facts: Migrated; readonly ledger: Migrated } {
  const facts = new Map<string, Readonly<Record<string, unknown>>>();
  const ledger = new Map<string, Readonly<Record<string, unknown>>>();
  const fact = (alert: z.output<typeof view>, at: number) => {
    const status = alert.status === 'resolved' ? 'ended' : 'firing';
    facts.set(alert.fingerprint, { episode: alert.startsAt.toString(36), status, view: alert, at, isQuiet: false });
  };
  for (const { receiver, routeId, groupKey, tags: groupTags, told, sentAt = 0, firstAt = sentAt } of read(
    groups,
    groupSchema,
  )) {
    for (const [fingerprint, each] of Object.entries(told)) {
      fact(each.view, sentAt);
      ledger.set(`${receiver} ${fingerprint}`, {
        ...rowOf(each.startsAt, each.level, { key: groupKey, route: routeId, tags: groupTags }),
        flapping: each.flapping,
        heard: 'listed',
        words: 1,
        owedAt: firstAt,
        firstAt,
        lastAt: sentAt,
      });
    }
  }
  // What is queued was noted as told although the receiver has not heard it.
  for (const { notification, mayHaveArrived } of read(queued, entrySchema)) {
    const { receiver, groupKey, groupTags, time, alerts } = notification;
    for (const alert of alerts) {
      const key = `${receiver} ${alert.fingerprint}`;
      const known =
        ledger.get(key) ?? rowOf(alert.startsAt, alert.level, { key: groupKey, route: 'root', tags: groupTags });
      if (alert.status === 'resolved') {
        if (!facts.has(alert.fingerprint)) fact(alert, time);
        ledger.set(key, { heard: 'listed', words: 1, owedAt: time, firstAt: time, lastAt: time, ...known });
      } else {
        if (!facts.has(alert.fingerprint)) fact(alert, time);
        ledger.set(key, { owedAt: time, words: 0, ...known, heard: mayHaveArrived ? 'maybe' : 'tried' });
      }
    }
  }
  return { facts, ledger };
}

function rowOf(startsAt: number, at: string, group: object) {
  const episode = startsAt.toString(36);
  return { episode, level: at, flapping: false, group, wasMuted: false, because: 'route', repeats: 0, refusals: 0 };
}

function read<Schema extends z.ZodType>(rows: readonly StoredRow[], schema: Schema): readonly z.output<Schema>[] {
  return rows.flatMap(({ value }) => {
    try {
      const parsed = schema.safeParse(JSON.parse(value));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return []; // not JSON
    }
  });
}
