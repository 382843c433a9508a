/** Rules of alerts: those in force, and a new one, tried over the history and written into the configuration. */
import { ruleDraft, rulePreviewAnswer, ruleRequest, rulesAnswer, ruleWritten, type RuleInfo } from '../../api/rules.ts';

import { doneBy } from '../access/caller.ts';
import type { Sight } from '../access/sight.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import { seenSeries } from '../seen.ts';
import type { Sources } from '../sources.ts';

export function ruleRoutes(sources: Pick<Sources, 'rules'>): readonly Route[] {
  const book = () => available(sources.rules(), 'Alerting');
  const turns = new OneAtATime();
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/rules',
      needs: 'read',
      reach: 'seen',
      summary: 'Rules in force, with their limits and the series that they watch',
      answer: rulesAnswer,
      handle: async ({ sight }) => {
        const { rules } = await book().inForce();
        return { rules: sight.isWhole ? rules : rules.map((rule) => seenRule(rule, sight)) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/rules/preview',
      needs: 'admin',
      reach: 'all',
      act: null,
      summary: 'Checks a threshold without writing it, and says when it would have fired in the last week',
      body: ruleDraft,
      answer: rulePreviewAnswer,
      handle: ({ body }, signal) => turns.run(() => book().preview(body, signal)),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/rules',
      needs: 'admin',
      reach: 'all',
      act: null,
      summary: 'Writes a threshold into alerts.d/page.yaml and reloads',
      body: ruleRequest,
      answer: ruleWritten,
      handle: ({ body: { draft, by }, caller }) => book().write(draft, doneBy(caller, by)),
    }),
  ];
}

function seenRule({ compared, ...rule }: RuleInfo, sight: Sight): RuleInfo {
  if (compared === undefined) return rule;
  return { ...rule, compared: { ...compared, series: compared.series.filter((name) => seenSeries(name, sight)) } };
}

/** Each takes a second of processor time, which the rest of the agent needs. */
class OneAtATime {
  #isBusy = false;

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isBusy) throw new HttpError(503, 'Another threshold is being tried', { 'retry-after': '1' });
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}
