/** What fires on one host, or is about to: each row leads to the alert. */
import type { JSX } from 'preact';

import type { AlertsAnswer, ListedAlertInfo } from '../../api/answers.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { AlertRow } from '../alerts/list.tsx';
import { useAlerts } from '../alerts/use-alerts.ts';

import type { HostRow } from './trouble.ts';

export function HostAlerts({ row }: { row: HostRow }): JSX.Element {
  const asked = useAlerts();
  const listed = asked.answer && alertsOf(asked.answer, row);
  return (
    <section>
      <h3>Alerts{listed !== undefined && listed.length > 0 && <span class="mut"> · {listed.length}</span>}</h3>
      {listed === undefined ? (
        <NoAnswer of={asked} what="The list of alerts" />
      ) : listed.length === 0 ? (
        <p class="two">Nothing fires on {row.name}.</p>
      ) : (
        <ul class="host-alerts">
          {listed.map((each) => (
            <AlertRow key={each.alert.fingerprint} listed={each} isChosen={false} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Those that its agent has handed over, and those that the hub judges by its name. */
function alertsOf({ alerts }: AlertsAnswer, { id, name }: HostRow): readonly ListedAlertInfo[] {
  return alerts.filter(({ alert, from }) => (from === undefined ? alert.host === name : from.id === id));
}
