/** Alerts in the store, and how a new process continues them. Stored values are validated: files can be edited. */
import type { Instant } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';
import { CONTEXT_KINDS, LEVELS } from '../../plugin/notification.ts';
import type { Rule } from '../rules/rule.ts';
import { OK, STATUSES, type AlertState } from '../state/alert-state.ts';
import { restored } from '../state/lifecycle.ts';
import type { AlertStore } from '../store/store.ts';

import { Instance, type Source } from './instance.ts';
import { canIdentify, identityOf, type Ended } from './instances.ts';

/** The record of the engine, among the fingerprints, which are hexadecimal. */
const ENGINE_KEY = 'engine';

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
  /** From the rule, as are the following two: should it be removed, the resolved notification has them. */
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
  /** `reported` of the instance. */
  told: level,
  ended: z.object({ startsAt: z.number(), endsAt: z.number(), peak: level }).optional(),
  context: z.array(
    z.object({
      kind: z.enum(CONTEXT_KINDS),
      title: z.string(),
      columns: z.array(z.string()),
      rows: z.array(z.array(z.string())),
      note: z.string().optional(),
    }),
  ),
  value: z.number().optional(),
  /** Tags of the series with the value, for the summary. */
  worst: z.record(z.string(), z.string()).optional(),
  inputs: z.array(z.string()).optional(),
  isOwn: z.boolean().optional(),
});

type StoredAlert = z.output<typeof storedAlert>;

const storedEngine = z.object({ aliveAt: z.number() });

export interface Restored {
  readonly instances: readonly Instance[];
  /** Keys of invalid records. */
  readonly unreadable: readonly string[];
  /** Alerts whose rule was removed or no longer matches them. */
  readonly orphans: readonly Ended[];
  /** Alerts whose rule was edited. */
  readonly edited: readonly Instance[];
}

export interface RestoreOptions {
  readonly rules: readonly Rule[];
  readonly store: AlertStore;
  readonly sourceOf: (measurement: string, host: string) => Source;
  readonly now: Instant;
}

export function toStored(instance: Instance, savedAt: number): StoredAlert {
  const { rule, measurement, identity, state, flap, previousLevel, reported, ended, context, value, worst } = instance;
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
    told: reported,
    ended,
    context: context.map((table) => ({
      ...table,
      columns: [...table.columns],
      rows: table.rows.map((row) => [...row]),
    })),
    value: value !== undefined && Number.isFinite(value) ? value : undefined,
    worst: worst && { ...worst },
    inputs: [...instance.inputs],
    isOwn: instance.isOwn,
  };
}

/** So that the next process knows for how long none was running. */
export function writeAlive(store: AlertStore, now: Instant): void {
  store.collection('states').put(ENGINE_KEY, { aliveAt: now.wall });
}

export function restore({ rules, store, sourceOf, now }: RestoreOptions): Restored {
  const states = store.collection('states');
  const aliveAt = storedEngine.safeParse(states.get(ENGINE_KEY)).data?.aliveAt ?? 0;
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const found: { [Key in keyof Restored]: Restored[Key][number][] } = {
    instances: [],
    unreadable: [],
    orphans: [],
    edited: [],
  };
  for (const [key, value] of states.entries()) {
    if (key === ENGINE_KEY) continue;
    const stored = storedAlert.safeParse(value).data;
    if (stored === undefined) {
      found.unreadable.push(key);
      continue;
    }
    const rule = byId.get(stored.rule);
    const host = stored.tags['host'] ?? '';
    const identity = { ...identityOf(rule ?? removed(stored), host, stored.tags), fingerprint: key };
    const source = sourceOf(stored.measurement, host);
    const instance = new Instance(rule ?? removed(stored), identity, stored.measurement, source, now.elapsed);
    take(instance, stored, now.wall - Math.max(aliveAt, stored.savedAt));
    if (rule === undefined) found.orphans.push({ instance, detail: 'rule_removed' });
    else if (!canIdentify(rule, identity.tags)) found.orphans.push({ instance, detail: 'rule_changed' });
    else {
      found.instances.push(instance);
      if (stored.revision !== rule.revision) found.edited.push(instance);
    }
  }
  return found;
}

function take(instance: Instance, stored: StoredAlert, downtime: number): void {
  const { flap, previousLevel, told: reported, ended, context, value, worst, inputs = [], isOwn = false } = stored;
  instance.state = restored(stateOf(stored), downtime);
  Object.assign(instance, { flap, previousLevel, reported, ended, context, value, worst, inputs, isOwn });
  instance.isStored = true;
  instance.evaluator = instance.rule.createEvaluator(instance.shown !== 'ok');
}

function stateOf({ state }: StoredAlert): AlertState {
  return state.status === 'ok' ? OK : ({ ...OK, ...state } as AlertState);
}

/** Replaces a removed rule until its alert has ended. */
function removed({ rule, revision, labels, notify, unit }: StoredAlert): Rule {
  return {
    id: rule,
    revision,
    groupBy: undefined,
    merges: true,
    labels,
    runbook: undefined,
    notify,
    direction: undefined,
    unit,
    thresholds: {},
    compared: undefined,
    timing: { for: {}, keepFiringFor: 0, maxGap: undefined },
    noData: { after: Infinity, action: 'keep', level: 'warning' },
    seriesGone: { after: Infinity, action: 'keep', isAlone: true },
    isDeadman: false,
    repeat: {},
    context: [],
    watch: () => undefined,
    createEvaluator: () => ({ add() {}, judge: () => undefined }),
    summary: (facts) => facts.rule,
    description: () => undefined,
    explain: () => [],
  };
}
