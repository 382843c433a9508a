/** Who was notified, and why; or why nobody was. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { AlertHistoryAnswer } from '../../api/answers.ts';
import { clockSeconds, day } from '../../format/time.ts';
import { keptUnits } from '../../parts/names.tsx';
import { Icon } from '../../parts/icon.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { usePrivate } from '../../store/asked.ts';

import { auditText } from './audit-text.ts';
import type { AuditEntry } from './model.ts';
import type { ShownAlert } from './shown.ts';

const REFRESH_MS = 10_000;
const MOST = 200;
const SHOWN = 12;

export function Told({ shown: { fingerprint } }: { shown: ShownAlert }): JSX.Element {
  const asked = usePrivate<AlertHistoryAnswer>('alerts/history', { fingerprint, limit: MOST }, REFRESH_MS);
  const { answer } = asked;
  return (
    <section class="card">
      <div class="ch">
        <h2>Who was notified, and why</h2>
      </div>
      {answer === undefined ? (
        <NoAnswer of={asked} what="The history of an alert" />
      ) : (
        <Entries entries={answer.entries.toSorted((a, b) => a.at - b.at)} />
      )}
    </section>
  );
}

/** The newest are shown: an alert that flaps has hundreds. */
function Entries({ entries }: { entries: readonly AuditEntry[] }): JSX.Element {
  const isAll = useSignal(false);
  const shown = isAll.value ? entries : entries.slice(-SHOWN);
  if (entries.length === 0) return <p class="noted two">Nothing is recorded of it yet: it has not fired.</p>;
  return (
    <ol class="told">
      {shown.length < entries.length && (
        <li>
          <button
            type="button"
            class="acc"
            onClick={() => {
              isAll.value = true;
            }}
          >
            {entries.length - shown.length} before
          </button>
        </li>
      )}
      {shown.map((entry, index) => (
        <Entry key={`${entry.at} ${index}`} entry={entry} before={shown[index - 1]} />
      ))}
    </ol>
  );
}

function Entry({ entry, before }: { entry: AuditEntry; before: AuditEntry | undefined }): JSX.Element {
  const { icon, tone, title, why } = auditText(entry);
  const isNewDay = before === undefined || day(before.at) !== day(entry.at);
  return (
    <>
      {isNewDay && <li class="told-day mut s">{day(entry.at)}</li>}
      <li>
        <time class="mut s">{clockSeconds(entry.at)}</time>
        <Icon name={icon} tone={tone} />
        <div class="grow">
          <div class="wrap">{title}</div>
          {why !== '' && <div class="mut s wrap">{keptUnits(why)}</div>}
        </div>
      </li>
    </>
  );
}
