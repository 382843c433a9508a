/** What a caller with a scope sees of answers that are about several hosts. */
import type { AlertControl, ListedAlert, ListedSilence } from '../alerts/control.ts';
import type { FleetAnswer, FleetEventsAnswer } from '../api/fleet.ts';
import type { EventInfo, FindingsAnswer } from '../api/host.ts';
import { parseSeriesName } from '../api/series-name.ts';

import type { Sight } from './access/sight.ts';
import type { Frozen } from './sources.ts';

/** A finding that is no alert is about the agent's own host. */
export function seenFindings(
  answer: Frozen<FindingsAnswer>,
  sight: Sight,
  alerts: Pick<AlertControl, 'alerts'> | undefined,
): Frozen<FindingsAnswer> {
  if (sight.isWhole) return answer;
  const seen = new Set(seenAlerts(alerts?.alerts() ?? [], sight).map(({ alert }) => alert.fingerprint));
  const findings = answer.findings.filter(({ alert }) =>
    alert === undefined ? sight.own : seen.has(alert.fingerprint),
  );
  return { ...answer, findings, fine: sight.own ? answer.fine : 0 };
}

export function seenAlerts(alerts: readonly ListedAlert[], sight: Sight): readonly ListedAlert[] {
  return sight.isWhole ? alerts : alerts.filter(({ alert }) => sight.named(alert.host));
}

/** An event of an alert that nobody remembers is about nobody that is seen. */
export function seenEvents(
  events: readonly EventInfo[],
  sight: Sight,
  alerts: Pick<AlertControl, 'history'> | undefined,
): readonly EventInfo[] {
  if (sight.isWhole) return events;
  const known = new Map<string, boolean>();
  const isSeen = (fingerprint: string) => {
    const host = alerts?.history({ fingerprint, limit: 1 })[0]?.host;
    return host !== undefined && sight.named(host);
  };
  return events.filter(({ alert }) => {
    if (alert === undefined) return sight.own;
    const seen = known.get(alert) ?? isSeen(alert);
    known.set(alert, seen);
    return seen;
  });
}

/** By their hosts. Without one, or with a pattern, a silence is about hosts that are not seen too. */
export function seesSilence({ match }: Pick<ListedSilence, 'match'>, sight: Sight): boolean {
  if (sight.isWhole) return true;
  const { host = [] } = match;
  const names = typeof host === 'string' ? [host] : host;
  return names.length > 0 && names.every((name) => PLAIN_NAME.test(name) && sight.named(name));
}

/** No pattern. */
const PLAIN_NAME = /^[\w.-]+$/;

export function seenSeries(name: string, sight: Sight): boolean {
  return sight.isWhole || sight.named(parseSeriesName(name)?.tags['host']);
}

/** A site says how many hosts it has, so it is shown where all of them are. */
export function seenFleet(answer: FleetAnswer, sight: Sight): FleetAnswer {
  if (sight.isWhole) return answer;
  const siteOf = ({ tags }: FleetAnswer['hosts'][number]) => tags[answer.siteTag] ?? '';
  const hosts = answer.hosts.filter(({ id }) => sight.host(id));
  const hidden = new Set(answer.hosts.filter(({ id }) => !sight.host(id)).map(siteOf));
  const shown = new Set(hosts.map(siteOf));
  const sites = answer.sites.filter(({ site }) => shown.has(site) && !hidden.has(site));
  return { ...answer, hosts, sites };
}

export function seenFleetEvents({ events }: FleetEventsAnswer, sight: Sight): FleetEventsAnswer {
  return { events: events.filter(({ host }) => sight.isWhole || (host !== undefined && sight.host(host))) };
}
