/** Alerts: what fires, what may, what is handled, what ended, and one of them in full. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import type { AlertHistoryAnswer, AlertsAnswer } from '../../api/answers.ts';
import { SelectionBar } from '../../chart/selection-bar.tsx';
import { isPhone } from '../../parts/media.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { subject } from '../../url/route.ts';
import { usePrivate, type Asked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { useRules } from '../../store/rules.ts';
import { address } from '../../url/location.ts';

import { AlertDetail } from './detail.tsx';
import { useAlertKeys } from './keys.ts';
import { AlertList } from './list.tsx';
import { endedAlerts, findAlert, groupOf, type EndedAlert } from './model.ts';
import { NewRuleSheet } from './rule-sheet.tsx';
import { shownOf, shownOfEnded, type ShownAlert } from './shown.ts';
import { useAlerts } from './use-alerts.ts';

const DAY_MS = 86_400_000;
/** How long the agent keeps the history of alerts. */
export const HISTORY_DAYS = 90;
const MOST_ENTRIES = 2000;
const REFRESH_MS = 30_000;

export function Alerts(): JSX.Element {
  useRules();
  // Whole days, so that the question stays the same.
  const since = Math.floor(agentTime() / DAY_MS) * DAY_MS - HISTORY_DAYS * DAY_MS;
  const past = usePrivate<AlertHistoryAnswer>(
    'alerts/history',
    { since, kinds: 'transition', limit: MOST_ENTRIES },
    REFRESH_MS,
  );
  const asked = useAlerts();
  const ended = useMemo(() => endedAlerts(past.answer?.entries ?? []), [past.answer]);
  const id = subject.value;
  const { answer } = asked;
  const shown = answer === undefined ? undefined : choose(answer, ended, id, past);
  useAlertKeys(answer, shown);
  const isOne = isPhone.value && id !== undefined;
  return (
    <>
      <main class={isOne ? 'al one' : 'al'} id="main">
        {!isOne && (
          <AlertList asked={asked} past={past} ended={ended} chosen={isPhone.value ? undefined : shown?.fingerprint} />
        )}
        {(isOne || !isPhone.value) && <Chosen asked={asked} past={past} shown={shown} id={id} />}
      </main>
      {address.value.search.get('do') === 'rule' && <NewRuleSheet />}
      <SelectionBar />
    </>
  );
}

/** What the address names; without a name, what needs the reader first. */
function choose(
  { alerts }: AlertsAnswer,
  ended: readonly EndedAlert[],
  id: string | undefined,
  past: Asked<AlertHistoryAnswer>,
): ShownAlert | undefined {
  if (id === undefined) {
    const first = alerts.find((listed) => groupOf(listed) === 'firing') ?? alerts[0];
    return first === undefined ? undefined : shownOf(first);
  }
  const listed = findAlert(alerts, id, ({ alert }) => alert.fingerprint);
  if (listed !== undefined) return shownOf(listed);
  const over = past.answer === undefined ? undefined : findAlert(ended, id, ({ fingerprint }) => fingerprint);
  return over === undefined ? undefined : shownOfEnded(over);
}

function Chosen({
  asked,
  past,
  shown,
  id,
}: {
  asked: Asked<AlertsAnswer>;
  past: Asked<AlertHistoryAnswer>;
  shown: ShownAlert | undefined;
  id: string | undefined;
}): JSX.Element {
  if (shown !== undefined) return <AlertDetail key={`${shown.fingerprint} ${shown.startsAt}`} shown={shown} />;
  const isWaiting = asked.answer === undefined || (id !== undefined && past.answer === undefined);
  return (
    <section class="card det-empty">
      {isWaiting ? (
        <NoAnswer of={asked.answer === undefined ? asked : past} what="The history of alerts" />
      ) : (
        <div class="empty">
          {id === undefined ? (
            <>
              <p>Nothing fires.</p>
              <p class="mut">An alert is shown here when it does, with its chart and the processes of that moment.</p>
            </>
          ) : (
            <>
              <h1>There is no alert {id.slice(0, 20)}</h1>
              <p class="mut">The history goes back {HISTORY_DAYS} days; it may be older, or of another host.</p>
            </>
          )}
        </div>
      )}
    </section>
  );
}
