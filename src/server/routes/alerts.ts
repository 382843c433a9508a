/** Alerts, silences and acknowledgements. */
import type { AlertControl, ListedAlert, ListedReceiver } from '../../alerts/control.ts';
import {
  ackRequest,
  alertHistoryAnswer,
  alertsAnswer,
  alertView,
  audienceAnswer,
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

import { available } from '../http-error.ts';
import { defineRoute, type Caller, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

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
  limit: z.coerce.number().int().min(1).max(10_000).default(100),
});

export function alertRoutes(sources: Pick<Sources, 'alerts'>): readonly Route[] {
  const control = () => available(sources.alerts(), 'Alerting');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/alerts',
      scope: 'read',
      summary: 'Alerts that are pending, fire or recover',
      answer: alertsAnswer,
      handle: ({ caller }) => currentAlerts(control(), caller),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/alerts/history',
      scope: 'private',
      summary: 'What happened to alerts and notifications, and why',
      query: historyQuery,
      answer: alertHistoryAnswer,
      handle: ({ query }) => ({ entries: control().history(query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/silences',
      scope: 'read',
      summary: 'Silences, expired ones included',
      answer: silencesAnswer,
      handle: () => ({ silences: control().silences() }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/receivers',
      scope: 'read',
      summary: 'Receivers of notifications, and whether they can be reached',
      answer: receiversAnswer,
      handle: ({ caller }) => ({
        receivers: control()
          .receivers()
          .map((each) => shownReceiver(each, caller)),
      }),
    }),
    audienceRoute(control),
    ...acts(control),
  ];
}

function audienceRoute(control: () => AlertControl): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/audience',
    scope: 'read',
    summary: 'Whom an alert with some labels would notify now, by the routes of this agent',
    query: z.strictObject({
      label: z
        .array(
          z
            .string()
            .max(500)
            .regex(/^[^=]+=/, 'is not like host=db-1'),
        )
        .min(1)
        .max(50)
        .describe('label=value; repeat the parameter'),
    }),
    answer: audienceAnswer,
    handle: ({ query }) => ({ routes: audienceOf(control(), query.label) }),
  });
}

function audienceOf(control: AlertControl, labels: readonly string[]): z.input<typeof audienceAnswer>['routes'] {
  const pairs = labels.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const);
  return control.audience(Object.fromEntries(pairs)).map(({ path, receivers, isMuted, later }) => ({
    ...{ path: [...path], receivers: [...receivers], isMuted },
    later: later.map(({ after, receivers: others }) => ({ after, receivers: [...others] })),
  }));
}

/** Why it fails quotes addresses and answers of servers, so only callers with a session see it. */
function shownReceiver({ trouble, ...rest }: ListedReceiver, { mayAct }: Caller) {
  return trouble === undefined ? rest : { ...rest, trouble: mayAct ? trouble : 'Sign in to see the error' };
}

function acts(control: () => AlertControl): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/silences',
      scope: 'act',
      summary: 'Starts a silence',
      body: silenceRequest,
      answer: listedSilence,
      handle: ({ body }) => control().silence(body),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/silences/:id/expire',
      scope: 'act',
      summary: 'Ends a silence',
      body: byRequest,
      answer: listedSilence,
      handle: ({ id, body }) => control().expireSilence(id, body.by),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/acks',
      scope: 'act',
      summary: 'Acknowledges an alert: no repeats, no escalation',
      body: ackRequest,
      answer: listedAlert,
      handle: ({ body }) => control().acknowledge(body),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/acks/:id/withdraw',
      scope: 'act',
      summary: 'Takes an acknowledgement back',
      body: byRequest,
      answer: listedAlert,
      handle: ({ id, body }) => control().withdrawAck(id, body.by),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/alerts/:id/resolve',
      scope: 'act',
      summary: 'Ends an alert by hand, with its notifications',
      body: resolveRequest,
      answer: alertView,
      handle: ({ id, body }) => control().resolve({ fingerprint: id, ...body }),
    }),
  ];
}

/** Context names processes and has lines of logs, so only callers with a session see it. */
export function currentAlerts(control: AlertControl, { mayAct }: Caller) {
  const open = (listed: ListedAlert): ListedAlert => ({ ...listed, alert: { ...listed.alert, context: [] } });
  const alerts = control.alerts();
  return { alerts: mayAct ? alerts : alerts.map(open), windows: control.windows() };
}
