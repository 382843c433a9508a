/** The list of alerts, by what they ask of the reader. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { AlertHistoryAnswer, AlertsAnswer, ListedAlertInfo } from '../../api/answers.ts';
import { since } from '../../format/time.ts';
import { duration, roughDuration, valueBeside } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { StateIcon } from '../../parts/state.tsx';
import type { Asked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { goTo } from '../../url/location.ts';

import { Days } from './days.tsx';
import { alertPath, groupOf, levelOf, type EndedAlert, type Group } from './model.ts';
import { Silences } from './silences.tsx';

const GROUPS = [
  { group: 'firing', title: 'Firing' },
  { group: 'pending', title: 'Pending' },
  { group: 'handled', title: 'Acknowledged or silenced' },
] as const satisfies readonly { readonly group: Group; readonly title: string }[];

const ENDED_SHOWN = 5;

export interface AlertListProps {
  readonly asked: Asked<AlertsAnswer>;
  readonly past: Asked<AlertHistoryAnswer>;
  readonly ended: readonly EndedAlert[];
  readonly chosen: string | undefined;
}

export function AlertList({ asked, past, ended, chosen }: AlertListProps): JSX.Element {
  const { answer } = asked;
  return (
    <section class="card lst">
      <div class="ch tall">
        <h2 class="grow">Alerts</h2>
        <button
          type="button"
          class="btn q"
          onClick={() => {
            goTo({ do: 'rule' });
          }}
        >
          New threshold
        </button>
      </div>
      {answer === undefined ? (
        <NoAnswer of={asked} what="The list of alerts" />
      ) : (
        <Present answer={answer} chosen={chosen} />
      )}
      <Ended past={past} ended={ended} chosen={chosen} />
      <Silences />
      {past.answer !== undefined && <Days entries={past.answer.entries} />}
    </section>
  );
}

function Present({ answer, chosen }: { answer: AlertsAnswer; chosen: string | undefined }): JSX.Element {
  const { alerts, windows } = answer;
  return (
    <>
      {GROUPS.map(({ group, title }) => {
        const rows = alerts.filter((listed) => groupOf(listed) === group);
        if (rows.length === 0 && group !== 'firing') return null;
        return (
          <div key={group}>
            <h3 class="lh">
              {title}
              <span>{rows.length}</span>
            </h3>
            {rows.length === 0 && (
              <p class="arow none">
                <Icon name="ok" tone="ok" />
                <span class="two">Nothing fires.</span>
              </p>
            )}
            <ul>
              {rows.map((listed) => (
                <AlertRow
                  key={listed.alert.fingerprint}
                  listed={listed}
                  isChosen={listed.alert.fingerprint === chosen}
                />
              ))}
            </ul>
          </div>
        );
      })}
      {windows.length > 0 && (
        <p class="mut s noted">
          {windows.length === 1 ? 'The rule' : 'The rules'} {windows.map(({ rule }) => rule).join(', ')} still{' '}
          {windows.length === 1 ? 'fills its window' : 'fill their windows'}: for{' '}
          {duration(Math.max(...windows.map(({ covered, needed }) => needed - covered)))} there is no verdict.
        </p>
      )}
    </>
  );
}

export function AlertRow({ listed, isChosen }: { listed: ListedAlertInfo; isChosen: boolean }): JSX.Element {
  const { alert } = listed;
  const group = groupOf(listed);
  const isLoud = group === 'firing';
  const level = levelOf(alert);
  return (
    <li>
      <Link
        to={alertPath(alert.fingerprint)}
        keys={{ do: undefined, for: undefined }}
        class={`arow ${isLoud && level === 'critical' ? 'c' : ''} ${isChosen ? 'on' : ''}`}
      >
        <StateIcon level={level} isQuiet={!isLoud} />
        <div class="grow">
          <div class="cut">{alert.summary}</div>
          <div class="ev cut">{evidence(listed)}</div>
        </div>
        <div class="row n">
          {alert.ack !== undefined && <Icon name="ack" tone="mut" label="Acknowledged" />}
          {alert.silenced && <Icon name="mute" tone="mut" label="Silenced" />}
          <span class="two">{roughDuration(agentTime() - alert.startsAt)}</span>
        </div>
      </Link>
    </li>
  );
}

function evidence({ alert, state, isUnknown, firesAfter, suppressed }: ListedAlertInfo): string {
  const { value, threshold, unit, ack, startsAt } = alert;
  const left = firesAfter === undefined ? 0 : startsAt + firesAfter - agentTime();
  return [
    value === undefined
      ? ''
      : `${valueBeside(value, unit, threshold)}${threshold === undefined ? '' : `, limit ${valueBeside(threshold, unit, value)}`}`,
    state === 'pending' && left > 0 ? `fires in ${duration(left)} if it stays` : '',
    isUnknown === true ? 'unknown, since its host is not heard' : state === 'recovering' ? 'recovering' : '',
    ack === undefined ? '' : `acknowledged by ${ack.by}${ack.comment === '' ? '' : `: ${ack.comment}`}`,
    ack === undefined ? (suppressed[0] ?? '') : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function Ended({ past, ended, chosen }: Omit<AlertListProps, 'asked'>): JSX.Element {
  const isAll = useSignal(false);
  const shown = isAll.value ? ended : ended.slice(0, ENDED_SHOWN);
  const now = agentTime();
  return (
    <div>
      <h3 class="lh">
        Ended
        <span>{past.answer === undefined ? '' : ended.length}</span>
      </h3>
      {past.answer === undefined && <NoAnswer of={past} what="What ended" />}
      {past.answer !== undefined && ended.length === 0 && <p class="noted mut">None in 90 days.</p>}
      <ul>
        {shown.map(({ fingerprint, summary, startsAt, endsAt, detail }) => (
          <li key={`${fingerprint} ${endsAt}`}>
            <Link to={alertPath(fingerprint)} class={`arow ${fingerprint === chosen ? 'on' : ''}`}>
              <Icon name="ok" tone="mut" label="Ended" />
              <div class="grow">
                <div class="cut">{summary}</div>
                <div class="ev cut">
                  lasted {roughDuration(endsAt - startsAt)}
                  {detail === undefined ? '' : ` · ${detail.replaceAll('_', ' ')}`}
                </div>
              </div>
              <span class="two n">{since(endsAt, now)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {ended.length > shown.length && (
        <button
          type="button"
          class="acc more-row"
          onClick={() => {
            isAll.value = true;
          }}
        >
          {ended.length - shown.length} more in 90 days
        </button>
      )}
    </div>
  );
}
