/** The rules in force: limits for charts, and what an alert is about. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import type { RuleInfo, RulesAnswer } from '../api/answers.ts';
import { get } from '../api/client.ts';

import { elsewhere, reconnects, session } from './live.ts';

export const rules = signal<readonly RuleInfo[]>([]);

const REFRESH_MS = 60_000;

/** Keeps the rules up to date while a view shows them. */
export function useRules(): void {
  // Those of a hub judge its own metrics, not those of its hosts.
  const mayRead = session.value?.mayRead === true && elsewhere.value === undefined;
  useEffect(() => {
    if (!mayRead) return;
    // Charts without limits are better than none; the next minute tries again.
    const load = () => void loadRules().catch(() => undefined);
    load();
    const timer = setInterval(load, REFRESH_MS);
    return () => {
      clearInterval(timer);
    };
  }, [mayRead, reconnects.value]);
}

/** @throws ApiError */
export async function loadRules(): Promise<void> {
  const answer = await get<RulesAnswer>('rules');
  // Charts are made of this: nothing may change when no rule did.
  if (JSON.stringify(answer.rules) !== JSON.stringify(rules.value)) rules.value = answer.rules;
}
