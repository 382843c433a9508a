/** Silences an alert, or all of its host, for a while. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { ListedAlertInfo } from '../../api/answers.ts';
import { since } from '../../format/time.ts';
import { NeedsSession } from '../../parts/needs-session.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { agentTime } from '../../store/clock.ts';
import { session } from '../../store/live.ts';
import { address, adjust } from '../../url/location.ts';

import { silence } from './acts.ts';
import { ActForm, closeForm, TextField } from './form-parts.tsx';
import { exactly, matchOf } from './match.ts';
import { silenceSpans, type SilenceSpan } from './silence-spans.ts';

type Alert = ListedAlertInfo['alert'];

/** @param props.now ms since the Unix epoch */
export function SilenceSheet({ alert, now }: { alert: Alert; now: number }): JSX.Element {
  return (
    <Sheet title="Silence for how long?" class="form" onClose={closeForm}>
      {session.value?.mayAct === true ? <Form alert={alert} now={now} /> : <NeedsSession what="To silence" />}
    </Sheet>
  );
}

function Form({ alert, now }: { alert: Alert; now: number }): JSX.Element {
  const spans = silenceSpans(address.value.search.get('for'), now);
  const span = spans.find(({ key }) => key === (address.value.search.get('for') ?? '1h')) ?? spans[1];
  const isOfHost = useSignal(false);
  const comment = useSignal('');
  if (span === undefined) return <></>;
  return (
    <ActForm
      act={`Silence ${span.name}`}
      note={`If it still fires at ${since(span.untilFrom(now), now)}, all who were notified are notified again.`}
      send={(by) => {
        const match = isOfHost.value ? { host: exactly(alert.host) } : matchOf(alert);
        return silence({ match, until: span.untilFrom(agentTime()), comment: comment.value, by });
      }}
    >
      <Spans spans={spans} chosen={span} />
      {alert.host !== '' && <Scope alert={alert} isOfHost={isOfHost} />}
      <TextField label="Why (others see it)" value={comment} />
    </ActForm>
  );
}

function Spans({ spans, chosen }: { spans: readonly SilenceSpan[]; chosen: SilenceSpan }): JSX.Element {
  return (
    <div class="opts" role="group" aria-label="How long">
      {spans.map((span) => (
        <button
          key={span.key}
          type="button"
          class="btn"
          aria-pressed={span.key === chosen.key}
          autofocus={span.key === chosen.key}
          onClick={() => {
            adjust({ for: span.key });
          }}
        >
          {span.text}
        </button>
      ))}
    </div>
  );
}

function Scope({
  alert: { rule, host, tags },
  isOfHost,
}: {
  alert: Alert;
  isOfHost: ReturnType<typeof useSignal<boolean>>;
}): JSX.Element {
  const which = Object.entries(tags)
    .filter(([key]) => key !== 'host')
    .map(([, value]) => value);
  const options = [
    { value: false, title: 'Only this alert', detail: [rule, ...which].join(' · ') + ` on ${host}` },
    { value: true, title: `All of ${host}`, detail: 'every alert of this host' },
  ];
  return (
    <fieldset class="scope">
      <legend>What is quiet</legend>
      {options.map(({ value, title, detail }) => (
        <label key={title} class="rad">
          <input
            type="radio"
            name="scope"
            checked={isOfHost.value === value}
            onChange={() => {
              isOfHost.value = value;
            }}
          />
          <span class="grow">
            <span class="cut">{title}</span>
            <span class="mut s cut">{detail}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
