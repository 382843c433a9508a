/** Who should hear about an alert that fires, and what holds it back. Pure. */
import type { AlertView } from '../../plugin/notification.ts';
import type { Tags } from '../../metric/metric.ts';

import { groupKeyOf, groupTagsOf, isTimed, matchRoutes } from './match-routes.ts';
import { labelsOf } from './matchers.ts';
import { repeatAfter, type RepeatTimes, type Route, type Routing } from './routing.ts';

export interface Want {
  /** Whose lane leads to the address. */
  readonly receiver: string;
  /** As the route names it: another one if it has the same address. */
  readonly name: string;
  /** That leads there. */
  readonly route: Route;
  readonly group: { readonly key: string; readonly route: string; readonly tags: Tags };
  /** How long a first notification waits for others of the group. Milliseconds, as are the others. */
  readonly waitMs: number;
  readonly intervalMs: number;
  readonly repeatMs: number;
  /** How long an end waits for others. */
  readonly endWaitMs: number;
  readonly because: 'route' | 'escalation';
  /** What holds back everything but ends. */
  readonly muted: string | undefined;
}

export interface Policy {
  readonly routing: Routing;
  /** ms since the Unix epoch. */
  readonly now: number;
  /** Repeat intervals of a rule. */
  readonly repeatOf: (rule: string) => RepeatTimes | undefined;
  /** The first receiver of the configuration with the same address. */
  readonly laneOf: (receiver: string) => string;
  /** What holds an alert back from a receiver, on a route. */
  readonly mutedBy: (alert: AlertView, route: Route, receiver: string) => string | undefined;
  readonly isAcknowledged: (fingerprint: string) => boolean;
}

export interface Audience {
  /** One for each address: by the first route that leads to it and is not muted. */
  readonly wants: readonly Want[];
  /** It changes by time alone: an escalation is due later, or a route is active at certain times. */
  readonly mayChange: boolean;
}

/** Ends are reported together if they come within this time. */
const END_WAIT_MS = 15_000;

/** @param firstNotifiedAt when the first receiver heard of it, by the clock's `elapsed` */
export function audience(
  alert: AlertView,
  firstNotifiedAt: number | undefined,
  policy: Policy,
  elapsed: number,
): Audience {
  const labels = labelsOf(alert);
  const wants = new Map<string, Want>();
  const { root } = policy.routing;
  let mayChange = isTimed(root, labels);
  const add = (route: Route, name: string, because: Want['because']) => {
    const receiver = policy.laneOf(name);
    const known = wants.get(receiver);
    if (known !== undefined && known.muted === undefined) return;
    const want = wantOf(alert, labels, route, { receiver, name, because }, policy);
    if (known === undefined || want.muted === undefined) wants.set(receiver, want);
  };
  for (const route of matchRoutes(root, labels, policy.now)) {
    for (const receiver of route.receivers) add(route, receiver, 'route');
    for (const step of route.escalations) {
      if (firstNotifiedAt === undefined) continue;
      const isSpared = step.unless === 'acked' && policy.isAcknowledged(alert.fingerprint);
      if (isSpared || firstNotifiedAt + step.after > elapsed) mayChange = true;
      else for (const receiver of step.receivers) add(route, receiver, 'escalation');
    }
  }
  return { wants: [...wants.values()], mayChange };
}

function wantOf(
  alert: AlertView,
  labels: Tags,
  route: Route,
  { receiver, name, because }: Pick<Want, 'receiver' | 'name' | 'because'>,
  policy: Policy,
): Want {
  const isAlone = policy.routing.receivers.get(receiver)?.each === true;
  const tags = groupTagsOf(isAlone ? undefined : route.groupBy, labels);
  return {
    receiver,
    name,
    route,
    group: { key: groupKeyOf(route.id, tags), route: route.id, tags },
    waitMs: because === 'escalation' ? 0 : route.groupWait[alert.level],
    intervalMs: because === 'escalation' ? 0 : route.groupInterval,
    repeatMs: repeatAfter(route, policy.repeatOf(alert.rule), alert.level),
    endWaitMs: Math.min(END_WAIT_MS, route.groupWait.warning),
    because,
    muted: policy.mutedBy(alert, route, name),
  };
}
