/** What becomes of alerts when the rules are others. */
import type { Rule } from '../rules/rule.ts';
import { onRuleEdited } from '../state/lifecycle.ts';

import { identityOf } from './book.ts';
import type { Instance } from './instance.ts';
import type { Parts } from './parts.ts';

export interface Ended {
  readonly instance: Instance;
  readonly detail: 'rule_removed' | 'rule_changed';
}

/** Alerts of rules that are as they were go on untouched, those of edited rules are judged anew. @returns which have to end */
export function moveToRules({ book, changes, clock }: Parts, rules: readonly Rule[]): readonly Ended[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const ended: Ended[] = [];
  for (const instance of book.all()) {
    const rule = byId.get(instance.rule.id);
    if (rule === undefined) ended.push({ instance, detail: 'rule_removed' });
    else if (rule.revision === instance.rule.revision) instance.rule = rule;
    else if (!isStillAbout(rule, instance)) ended.push({ instance, detail: 'rule_changed' });
    else {
      const now = instance.now(clock.elapsed()) ?? clock.now();
      instance.rule = rule;
      instance.restart(clock.elapsed());
      applyEdit(instance, now, clock.now(), changes);
    }
  }
  return ended;
}

/** @param now on the time line of the alert's samples */
export function applyEdit(instance: Instance, now: number, at: number, changes: Parts['changes']): void {
  const next = onRuleEdited(instance.state, now, instance.rule.timing);
  if (next !== instance.state) changes.apply(instance, next, { at, detail: 'rule_changed' });
}

/** Whether the series that it comes from still makes this very alert. */
function isStillAbout(rule: Rule, { identity, feeds }: Instance): boolean {
  if (feeds.size === 0) return hasTagsOf(rule, identity.tags);
  return [...feeds].some(([measurement, { tags = {} }]) => {
    const watch = rule.watch(measurement, tags);
    return watch !== undefined && identityOf(rule, identity.host, watch.identity).fingerprint === identity.fingerprint;
  });
}

/** Whether the tags of an alert can be those that identify the alerts of a rule. */
export function hasTagsOf({ groupBy }: Rule, tags: Instance['identity']['tags']): boolean {
  return groupBy === undefined || Object.keys(tags).every((key) => key === 'host' || groupBy.includes(key));
}
