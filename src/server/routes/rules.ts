/** Rules of alerts: those in force, and a new one, tried over the history and written into the configuration. */
import { ruleDraft, rulePreviewAnswer, ruleRequest, rulesAnswer, ruleWritten } from '../../api/rules.ts';

import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

export function ruleRoutes(sources: Pick<Sources, 'rules'>): readonly Route[] {
  const book = () => available(sources.rules(), 'Alerting');
  const turns = new OneAtATime();
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/rules',
      scope: 'read',
      summary: 'Rules in force, with their limits and the series that they watch',
      answer: rulesAnswer,
      handle: () => book().inForce(),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/rules/preview',
      scope: 'private',
      summary: 'Checks a threshold without writing it, and says when it would have fired in the last week',
      body: ruleDraft,
      answer: rulePreviewAnswer,
      handle: ({ body }, signal) => turns.run(() => book().preview(body, signal)),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/rules',
      scope: 'act',
      summary: 'Writes a threshold into alerts.d/page.yaml and reloads',
      body: ruleRequest,
      answer: ruleWritten,
      handle: ({ body: { draft, by } }) => book().write(draft, by),
    }),
  ];
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
