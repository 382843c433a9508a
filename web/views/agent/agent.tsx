/** The agent itself: what it gathers, what it sends, what it keeps, and what it says about that. */
import type { JSX } from 'preact';

import type { AgentAnswer } from '../../api/answers.ts';
import { moment } from '../../format/time.ts';
import { count, decimals, roughDuration, withUnit } from '../../format/value.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';

import { Configuration } from './configuration.tsx';
import { Facts } from './facts.tsx';
import { Inputs } from './inputs.tsx';
import { Log } from './log.tsx';
import { Outputs } from './outputs.tsx';
import { Receivers } from './receivers.tsx';

const REFRESH_MS = 5000;

export function Agent(): JSX.Element {
  const asked = useAsked<AgentAnswer>('agent', {}, REFRESH_MS);
  const { answer } = asked;
  return (
    <main class="vw" id="main">
      <div class="vh">
        <div class="grow">
          <h1>Agent</h1>
          <p class="mut">{answer === undefined ? ' ' : summary(answer)}</p>
        </div>
      </div>
      {answer === undefined ? (
        <section class="card">
          <NoAnswer of={asked} what="The state of the agent" />
        </section>
      ) : (
        <State answer={answer} />
      )}
      <Log />
      <Configuration files={answer?.configFiles ?? []} />
    </main>
  );
}

function summary({ version, pid, startedAt, memoryBytes, cpu }: AgentAnswer): string {
  const now = agentTime();
  return [
    `healthd ${version}`,
    `pid ${pid}`,
    `up ${roughDuration(now - startedAt)}, since ${moment(startedAt, now)}`,
    withUnit(memoryBytes, 'bytes'),
    `${decimals(cpu, 1)} % of a core`,
  ].join(' · ');
}

function State({ answer }: { answer: AgentAnswer }): JSX.Element {
  const { inputs, outputs, receivers, deadLetters } = answer;
  return (
    <>
      <div class="pair">
        <Inputs all={inputs} />
        <div class="stack">
          <Outputs all={outputs} />
          <Kept answer={answer} />
          <Receivers all={receivers} />
          {deadLetters.length > 0 && (
            <Facts
              title="Dead letters"
              note="Lines that an output refused for good. They are kept in the state directory."
              rows={deadLetters.map(({ output, lines, bytes }) => [
                output,
                `${count(lines, 'line')}, ${withUnit(bytes, 'bytes')}`,
              ])}
            />
          )}
        </div>
      </div>
    </>
  );
}

function Kept({ answer: { journal, history, stateDirectory } }: { answer: AgentAnswer }): JSX.Element {
  const now = agentTime();
  return (
    <Facts
      title="What is kept"
      rows={[
        ['State directory', stateDirectory],
        [
          'Journal',
          `${withUnit(journal.diskBytes, 'bytes')} on disk in ${count(journal.segments, 'segment')}, ${withUnit(journal.memoryBytes, 'bytes')} in memory`,
        ],
        ...(journal.isDegraded
          ? ([['', 'The journal cannot be written: what waits is in memory only.', 'warn']] as const)
          : []),
        ...(history === null
          ? ([['History', 'Off: this page shows no past.']] as const)
          : ([
              [
                'History',
                `${withUnit(history.bytes, 'bytes')}, ${count(history.sets, 'series set')}${history.oldestAt === null ? '' : `, since ${moment(history.oldestAt, now)}`}`,
              ],
              ['Not sealed yet', withUnit(history.headBytes, 'bytes')],
              ...(history.refused > 0
                ? ([['', `${count(history.refused, 'series set')} refused: there are too many.`, 'warn']] as const)
                : []),
            ] as const)),
      ]}
    />
  );
}
