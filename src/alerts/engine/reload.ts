/** What new rules do to the alerts of the old ones. */
import type { Instant } from '../../core/clock.ts';
import type { Rule } from '../rules/rule.ts';
import { onRuleEdited } from '../state/lifecycle.ts';

import type { Instance } from './instance.ts';
import { canIdentify, identityOf, type Ended, type Instances } from './instances.ts';
import type { Transitions } from './transitions.ts';

interface Parts {
  readonly instances: Instances;
  readonly transitions: Transitions;
}

/**
 * Alerts of rules that stay the same go on; those of edited rules start with empty windows.
 *
 * @returns the alerts that have to end
 */
export function moveToRules({ instances, transitions }: Parts, rules: readonly Rule[], now: Instant): readonly Ended[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const ended: Ended[] = [];
  for (const instance of instances.all()) {
    const rule = byId.get(instance.rule.id);
    if (rule === undefined) ended.push({ instance, detail: 'rule_removed' });
    else if (rule.revision === instance.rule.revision) instance.rule = rule;
    else if (!stillMatches(rule, instance)) ended.push({ instance, detail: 'rule_changed' });
    else {
      const time = instance.sampleTimeAt(now.elapsed) ?? now.wall;
      instance.rule = rule;
      instance.restart(now.elapsed);
      applyEdit(transitions, instance, time, now);
    }
  }
  return ended;
}

/** @param time the present in the time of its samples */
export function applyEdit(transitions: Transitions, instance: Instance, time: number, now: Instant): void {
  const next = onRuleEdited(instance.state, time, instance.rule.timing);
  if (next !== instance.state) transitions.apply(instance, next, { at: now.wall, detail: 'rule_changed' }, now);
}

/** Whether one of its series is still this alert under the rule. */
function stillMatches(rule: Rule, { identity, feeds }: Instance): boolean {
  if (feeds.length === 0 || rule.hosts !== undefined) return canIdentify(rule, identity.tags);
  return feeds.some(({ measurement, tags = {} }) => {
    const watch = rule.watch(measurement, tags);
    return watch !== undefined && identityOf(rule, identity.host, watch.identity).fingerprint === identity.fingerprint;
  });
}
