/** The processes when it began, when it was worst, and now; or of the moment under the pointer. */
import { useSignal, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';

import type { ProcessesAnswer } from '../../api/answers.ts';
import { shownMoment } from '../../chart/cursor.ts';
import { moment } from '../../format/time.ts';
import { isPhone } from '../../parts/media.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { ProcessesTable } from '../../parts/processes-table.tsx';
import { Segments } from '../../parts/segments.tsx';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { processes } from '../../store/live.ts';
import { shownProcesses } from '../../store/processes-at.ts';

import type { ShownAlert, Worst } from './shown.ts';

const ROWS = 5;

type Choice = 'start' | 'worst' | 'now';

export interface ThenProps {
  readonly shown: ShownAlert;
  readonly worst: ReadonlySignal<Worst | undefined>;
}

export function Then({ shown: { startsAt, state }, worst }: ThenProps): JSX.Element {
  const choice = useSignal<Choice>('start');
  const at = choice.value === 'worst' ? (worst.value?.at ?? startsAt) : startsAt;
  const asked = useAsked<ProcessesAnswer>(choice.value === 'now' ? undefined : 'processes', { at: Math.round(at) });
  const isPointed = shownMoment.value !== undefined;
  const chosen = choice.value === 'now' ? processes.value : asked.answer;
  const answer = isPointed ? (shownProcesses.value.answer ?? chosen) : chosen;
  return (
    <section class="card">
      <div class="ch tall">
        <Title />
        <Segments
          label="Moment"
          items={choices(state, worst.value)}
          chosen={isPointed ? undefined : choice.value}
          onChoose={(value) => {
            choice.value = value as Choice;
          }}
        />
      </div>
      {answer === undefined && asked.error !== undefined ? (
        <NoAnswer of={asked} what="The processes" />
      ) : (
        <Table answer={answer} />
      )}
    </section>
  );
}

function Title(): JSX.Element {
  const at = shownMoment.value;
  return <h2 class="grow cut">{at === undefined ? 'Processes then' : `Processes at ${moment(at, agentTime())}`}</h2>;
}

function Table({ answer }: { answer: ProcessesAnswer | undefined }): JSX.Element {
  const shown = useSignal(answer);
  useEffect(() => {
    shown.value = answer;
  }, [answer]);
  if (answer?.at === null) {
    return <p class="noted two">No processes were captured then: the agent did not run, or this is too long ago.</p>;
  }
  return <ProcessesTable answer={shown} rows={ROWS} isNarrow={isPhone.value} />;
}

function choices(state: ShownAlert['state'], worst: Worst | undefined): readonly { value: Choice; text: string }[] {
  return [
    { value: 'start', text: 'At the start' },
    ...(worst === undefined ? [] : [{ value: 'worst', text: 'At the worst' } as const]),
    ...(state === 'ended' ? [] : [{ value: 'now', text: 'Now' } as const]),
  ];
}
