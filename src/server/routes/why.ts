/** Why somebody was, or was not, notified of an alert. */
import type { AlertControl } from '../../alerts/control.ts';
import { knownAlertsAnswer, MOST_STEPS, whyAnswer } from '../../api/why.ts';
import { z } from '../../plugin/index.ts';

import type { Sight } from '../access/sight.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

/** Alerts of one answer. */
const MOST_KNOWN = 1000;
/** Among these, those of the hosts that a caller with a scope sees are looked for. */
const MOST_SEARCHED = 10_000;

export function whyRoutes(sources: Pick<Sources, 'alerts'>): readonly Route[] {
  const control = () => available(sources.alerts(), 'Alerting');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/alerts/known',
      needs: 'viewer',
      reach: 'seen',
      summary: 'Alerts of now and of the past, by the beginning of their ids, their rules or their labels',
      query: z.strictObject({
        match: z
          .array(z.string().min(1).max(500))
          .min(1)
          .max(50)
          .describe('label=pattern, a pattern of a rule, or the beginning of an id; repeat the parameter'),
        limit: z.coerce.number().int().min(1).max(MOST_KNOWN).default(100),
      }),
      answer: knownAlertsAnswer,
      handle: ({ query: { match, limit }, sight }) => {
        const all = control().known(match, sight.isWhole ? limit : MOST_SEARCHED);
        const seen = all.filter(({ host }) => sight.isWhole || sight.named(host));
        return { alerts: seen.slice(0, limit), isCut: seen.length > limit };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/alerts/:id/why',
      needs: 'viewer',
      reach: 'seen',
      summary: 'Why somebody was, or was not, notified of an alert: what happened, who knows of it, who notifies',
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(MOST_STEPS).default(200) }),
      answer: whyAnswer,
      handle: async ({ id, query: { limit }, sight }) => {
        const fingerprint = seenId(control(), id, sight);
        return control().why(fingerprint, limit);
      },
    }),
  ];
}

/** @throws HttpError 404 if the prefix names no alert of hosts that are seen, or several */
function seenId(control: AlertControl, prefix: string, sight: Sight): string {
  if (sight.isWhole) return prefix;
  const all = control.known([prefix], MOST_SEARCHED);
  const matches = all.filter(({ fingerprint, host }) => fingerprint.startsWith(prefix) && sight.named(host));
  const [match] = matches;
  if (match === undefined || matches.length > 1)
    throw new HttpError(404, `Of the hosts in your scope, ${matches.length} alerts begin with "${prefix}"`);
  return match.fingerprint;
}
