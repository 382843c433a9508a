/** Alerts, silences and acknowledgements. */
import type { AlertControl, ListedAlert, ListedReceiver } from '../../alerts/control.ts';
import type { HistoryFilter } from '../../alerts/store/history-filter.ts';
import {
  ackRequest,
  alertHistoryAnswer,
  alertsAnswer,
  alertView,
  byRequest,
  KINDS,
  listedAlert,
  listedSilence,
  receiversAnswer,
  resolveRequest,
  silenceRequest,
  silencesAnswer,
} from '../../api/alerts.ts';
import { z, type AuditEntry } from '../../plugin/index.ts';

import { doneBy, type Caller } from '../access/caller.ts';
import type { Sight } from '../access/sight.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import { seenAlerts, seesSilence } from '../seen.ts';
import type { Sources } from '../sources.ts';

const MOST_ENTRIES = 10_000;

const text = z.string().min(1).max(1000);

const historyQuery = z.strictObject({
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  fingerprint: text.optional(),
  rule: text.optional(),
  host: text.optional(),
  kinds: z
    .string()
    .describe('Kinds of entries, separated by commas')
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(KINDS satisfies readonly AuditEntry['kind'][])))
    .optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ENTRIES).default(100),
});

export function alertRoutes(sources: Pick<Sources, 'alerts'>): readonly Route[] {
  const control = () => available(sources.alerts(), 'Alerting');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/alerts',
      needs: 'read',
      reach: 'seen',
      summary: 'Alerts that are pending, fire or recover',
      answer: alertsAnswer,
      handle: ({ caller, sight }) => currentAlerts(control(), caller, sight),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/alerts/history',
      needs: 'viewer',
      reach: 'seen',
      summary: 'What happened to alerts and notifications, and why',
      query: historyQuery,
      answer: alertHistoryAnswer,
      handle: ({ query, sight }) => ({ entries: seenHistory(control(), query, sight) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/silences',
      needs: 'read',
      reach: 'seen',
      summary: 'Silences, expired ones included',
      answer: silencesAnswer,
      handle: ({ sight }) => ({
        silences: control()
          .silences()
          .filter((silence) => seesSilence(silence, sight)),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/receivers',
      needs: 'read',
      reach: 'seen',
      summary: 'Receivers of notifications, and whether they can be reached',
      answer: receiversAnswer,
      handle: ({ caller, sight }) => ({
        receivers: control()
          .receivers()
          .map((each) => shownReceiver(each, caller, sight)),
      }),
    }),
    ...acts(control),
  ];
}

/** Why it fails quotes addresses and answers of servers, so only callers with a session see it. */
function shownReceiver({ trouble, ...rest }: ListedReceiver, { role }: Caller, { isWhole }: Sight) {
  if (trouble === undefined) return rest;
  if (role === undefined) return { ...rest, trouble: 'Sign in to see the error' };
  return { ...rest, trouble: isWhole ? trouble : 'It fails' };
}

/** What is left out does not count for the limit. */
function seenHistory(control: AlertControl, filter: HistoryFilter, sight: Sight): readonly AuditEntry[] {
  if (sight.isWhole) return control.history(filter);
  const entries = control.history({ ...filter, limit: MOST_ENTRIES });
  return entries.filter(({ host }) => host !== undefined && sight.named(host)).slice(0, filter.limit);
}

function acts(control: () => AlertControl): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/silences',
      needs: 'operator',
      reach: 'seen',
      act: null,
      summary: 'Starts a silence',
      body: silenceRequest,
      answer: listedSilence,
      handle: ({ body, caller, sight }) => {
        if (!seesSilence(body, sight))
          throw new HttpError(403, 'Name hosts of your scope: "match" needs "host", without patterns');
        return control().silence({ ...body, by: doneBy(caller, body.by) });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/silences/:id/expire',
      needs: 'operator',
      reach: 'seen',
      act: null,
      summary: 'Ends a silence',
      body: byRequest,
      answer: listedSilence,
      handle: ({ id, body, caller, sight }) => {
        const silence = control()
          .silences()
          .find((each) => each.id === id);
        if (silence !== undefined && !seesSilence(silence, sight))
          throw new HttpError(403, 'The silence is about hosts that are not in your scope');
        return control().expireSilence(id, doneBy(caller, body.by));
      },
    }),
    ...alertActs(control),
  ];
}

function alertActs(control: () => AlertControl): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/acks',
      needs: 'operator',
      reach: 'seen',
      act: null,
      summary: 'Acknowledges an alert: no repeats, no escalation',
      body: ackRequest,
      answer: listedAlert,
      handle: ({ body, caller, sight }) => {
        const fingerprint = seenFingerprint(control(), body.fingerprint, sight);
        return control().acknowledge({ ...body, fingerprint, by: doneBy(caller, body.by) });
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/acks/:id/withdraw',
      needs: 'operator',
      reach: 'seen',
      act: null,
      summary: 'Takes an acknowledgement back',
      body: byRequest,
      answer: listedAlert,
      handle: ({ id, body, caller, sight }) =>
        control().withdrawAck(seenFingerprint(control(), id, sight), doneBy(caller, body.by)),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/alerts/:id/resolve',
      needs: 'operator',
      reach: 'seen',
      act: null,
      summary: 'Ends an alert by hand, with its notifications',
      body: resolveRequest,
      answer: alertView,
      handle: ({ id, body, caller, sight }) => {
        const fingerprint = seenFingerprint(control(), id, sight);
        return control().resolve({ fingerprint, ...body, by: doneBy(caller, body.by) });
      },
    }),
  ];
}

/**
 * The whole fingerprint of what a prefix of it names among the alerts that are seen.
 *
 * @throws HttpError 404 if it names none of them, or several
 */
function seenFingerprint(control: AlertControl, prefix: string, sight: Sight): string {
  if (sight.isWhole) return prefix;
  const matches = seenAlerts(control.alerts(), sight).filter(({ alert }) => alert.fingerprint.startsWith(prefix));
  const [match] = matches;
  if (match === undefined || matches.length > 1)
    throw new HttpError(404, `Of the hosts in your scope, ${matches.length} alerts begin with "${prefix}"`);
  return match.alert.fingerprint;
}

/** Context names processes and has lines of logs, so only callers with a session see it. */
export function currentAlerts(control: AlertControl, { role }: Caller, sight: Sight) {
  const open = (listed: ListedAlert): ListedAlert => ({ ...listed, alert: { ...listed.alert, context: [] } });
  const alerts = seenAlerts(control.alerts(), sight);
  return { alerts: role === undefined ? alerts.map(open) : alerts, windows: sight.isWhole ? control.windows() : [] };
}
