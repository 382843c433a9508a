/** The newest lines of the agent's log. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { LogAnswer, LogLine } from '../../api/answers.ts';
import { clockSeconds } from '../../format/time.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { Segments } from '../../parts/segments.tsx';
import { usePrivate } from '../../store/asked.ts';

const REFRESH_MS = 5000;
const LINES = 200;
const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
type LogLevel = (typeof LEVELS)[number];
const CHOICES: readonly { readonly value: LogLevel; readonly text: string }[] = [
  { value: 'error', text: 'Errors' },
  { value: 'warn', text: 'Warnings' },
  { value: 'debug', text: 'All' },
];

export function Log(): JSX.Element {
  const asked = usePrivate<LogAnswer>('log', { limit: LINES }, REFRESH_MS);
  const least = useSignal<LogLevel>('debug');
  const { answer } = asked;
  const lines = (answer?.lines ?? []).filter(({ level }) => LEVELS.indexOf(level) <= LEVELS.indexOf(least.value));
  return (
    <section class="card">
      <div class="ch tall">
        <h2 class="grow">Log</h2>
        {answer !== undefined && (
          <Segments
            label="Level"
            items={CHOICES}
            chosen={least.value}
            onChoose={(value) => {
              least.value = CHOICES.find((choice) => choice.value === value)?.value ?? 'debug';
            }}
          />
        )}
      </div>
      {answer === undefined ? <NoAnswer of={asked} what="The log" /> : <Lines lines={lines} />}
    </section>
  );
}

/** The newest first: it is what a reader looks for, and nothing has to be scrolled to. */
function Lines({ lines }: { lines: readonly LogLine[] }): JSX.Element {
  if (lines.length === 0) return <p class="empty">No line of this level.</p>;
  return (
    <ol class="log" tabIndex={0} aria-label="Lines of the log, the newest first">
      {lines.toReversed().map(({ at, level, source, message }, index) => (
        <li key={`${at} ${index}`}>
          <time class="mut">{clockSeconds(at)}</time>{' '}
          <span class={level === 'error' ? 'crit' : level === 'warn' ? 'warn' : 'mut'}>{level.padEnd(5)}</span>{' '}
          <span class="two">{source}</span> {message}
        </li>
      ))}
    </ol>
  );
}
