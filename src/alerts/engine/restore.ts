/** Alerts as the process before this one left them. */
import type { Clock } from '../../core/clock.ts';
import type { Rule } from '../rules/rule.ts';
import { restored } from '../state/lifecycle.ts';
import type { AlertStore } from '../store/store.ts';

import { identityOf } from './book.ts';
import { Instance, type Source } from './instance.ts';
import { hasTagsOf } from './reload.ts';
import { ENGINE_KEY, readAlert, readAliveAt, stateOf, type StoredAlert } from './stored.ts';

export interface Restored {
  readonly instances: readonly Instance[];
  /** Keys of what is no alert. */
  readonly unreadable: readonly string[];
  /** Alerts whose rule is gone or is about other things now; they have to be ended. */
  readonly orphans: readonly { readonly instance: Instance; readonly detail: 'rule_removed' | 'rule_changed' }[];
  /** Alerts whose rule was edited in the meantime. */
  readonly edited: readonly Instance[];
}

export interface RestoreOptions {
  readonly rules: readonly Rule[];
  readonly store: AlertStore;
  readonly clock: Clock;
  readonly sourceOf: (measurement: string, host: string) => Source;
}

export function restore({ rules, store, clock, sourceOf }: RestoreOptions): Restored {
  const states = store.collection('states');
  const aliveAt = readAliveAt(states.get(ENGINE_KEY));
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const found: { [Key in keyof Restored]: Restored[Key][number][] } = {
    instances: [],
    unreadable: [],
    orphans: [],
    edited: [],
  };
  for (const [key, value] of states.entries()) {
    if (key === ENGINE_KEY) continue;
    const stored = readAlert(value);
    if (stored === undefined) {
      found.unreadable.push(key);
      continue;
    }
    const rule = byId.get(stored.rule);
    const host = stored.tags['host'] ?? '';
    const identity = { ...identityOf(rule ?? removed(stored), host, stored.tags), fingerprint: key };
    const source = sourceOf(stored.measurement, host);
    const instance = new Instance(rule ?? removed(stored), identity, stored.measurement, source, clock.elapsed());
    take(instance, stored, clock.now() - Math.max(aliveAt ?? 0, stored.savedAt));
    if (rule === undefined) found.orphans.push({ instance, detail: 'rule_removed' });
    else if (!hasTagsOf(rule, identity.tags)) found.orphans.push({ instance, detail: 'rule_changed' });
    else {
      found.instances.push(instance);
      if (stored.revision !== rule.revision) found.edited.push(instance);
    }
  }
  return found;
}

function take(instance: Instance, stored: StoredAlert, downtime: number): void {
  const { flap, previousLevel, told, ended, context, value, worst } = stored;
  instance.state = restored(stateOf(stored), downtime);
  Object.assign(instance, { flap, previousLevel, told, ended, context, value, worst });
  instance.isStored = true;
  instance.evaluator = instance.rule.createEvaluator(instance.shown !== 'ok');
}

/** Stands for a rule that is no more, as long as it takes to say so. */
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
