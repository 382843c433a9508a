/** Alerts in the store. They are read with suspicion, because files can be edited and versions change. */
import { LEVELS } from '../../plugin/notification.ts';
import { z } from '../../plugin/index.ts';
import { OK, STATUSES, type AlertState } from '../state/alert-state.ts';

import type { Instance } from './instance.ts';

/** Beside the fingerprints, which are hexadecimal. */
export const ENGINE_KEY = 'engine';

const level = z.enum(LEVELS);
const time = z.number().optional();
const reached = z.object({ since: z.number(), samples: z.union([z.literal(1), z.literal(2)]) });
const byLevel = <Schema extends z.ZodType>(value: Schema) =>
  z.object({ info: value.optional(), warning: value.optional(), critical: value.optional() });

const storedAlert = z.object({
  rule: z.string(),
  revision: z.string(),
  measurement: z.string(),
  savedAt: z.number(),
  tags: z.record(z.string(), z.string()),
  /** Of the rule: should it be gone, its alert ends in the same way as it began. */
  labels: z.record(z.string(), z.string()),
  notify: z.boolean(),
  unit: z.string(),
  state: z.object({
    status: z.enum(STATUSES),
    level,
    startsAt: time,
    peak: level,
    activeAt: time,
    reached: byLevel(reached),
    cleared: byLevel(z.number()),
    detail: z.literal('no_data').optional(),
  }),
  flap: z.object({ isFlapping: z.boolean(), changes: z.array(z.tuple([z.number(), z.number()])) }),
  previousLevel: level,
  told: level,
  ended: z.object({ startsAt: z.number(), endsAt: z.number(), peak: level }).optional(),
  context: z.array(
    z.object({
      kind: z.enum(['host', 'top_cpu', 'top_memory', 'containers']),
      title: z.string(),
      columns: z.array(z.string()),
      rows: z.array(z.array(z.string())),
    }),
  ),
  value: z.number().optional(),
  /** Tags of the series that the value is from, for the summary. */
  worst: z.record(z.string(), z.string()).optional(),
});

export type StoredAlert = z.output<typeof storedAlert>;

const storedEngine = z.object({ aliveAt: z.number() });

/** @returns undefined for what is not a stored alert */
export function readAlert(value: unknown): StoredAlert | undefined {
  return storedAlert.safeParse(value).data;
}

/** When the engine was seen alive the last time, if that was written. */
export function readAliveAt(value: unknown): number | undefined {
  return storedEngine.safeParse(value).data?.aliveAt;
}

export function toStored(instance: Instance, savedAt: number): StoredAlert {
  const { rule, measurement, identity, state, flap, previousLevel, told, ended, context, value, worst } = instance;
  return {
    rule: rule.id,
    revision: rule.revision,
    measurement,
    savedAt,
    tags: { ...identity.tags },
    labels: { ...rule.labels },
    notify: rule.notify,
    unit: rule.unit,
    state: { ...state },
    flap: { isFlapping: flap.isFlapping, changes: flap.changes.map(([at, weight]) => [at, weight]) },
    previousLevel,
    told,
    ended,
    context: context.map((table) => ({
      ...table,
      columns: [...table.columns],
      rows: table.rows.map((row) => [...row]),
    })),
    value: value !== undefined && Number.isFinite(value) ? value : undefined,
    worst: worst && { ...worst },
  };
}

export function stateOf({ state }: StoredAlert): AlertState {
  return state.status === 'ok' ? OK : ({ ...OK, ...state } as AlertState);
}
