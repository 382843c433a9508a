/** What is wrong across the fleet, in sentences. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

import { since } from '../../format/time.ts';
import { count, roughDuration } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { MoreRow } from '../../parts/more-row.tsx';
import { SentenceText } from '../../parts/names.tsx';
import { agentTime } from '../../store/clock.ts';

import type { FleetProblem } from './problems.ts';

const MOST = 5;

export function ProblemList({ problems, hosts }: { problems: readonly FleetProblem[]; hosts: number }): JSX.Element {
  const isAll = useSignal(false);
  const shown = isAll.value || problems.length <= MOST ? problems : problems.slice(0, MOST - 1);
  return (
    <section class="card probs">
      <div class="ph">
        {problems.length === 0 && <Icon name="ok" tone="ok" />}
        <h2 aria-live="polite">{problems.length === 0 ? 'Nothing is wrong' : 'What is wrong'}</h2>
        <span class="mut push">{problems.length > 0 && count(problems.length, 'problem')}</span>
      </div>
      {problems.length === 0 && (
        <p class="nothing two">
          {count(hosts, 'host')}: none is silent without having said so, none has lost lines in the last day, and the
          clocks agree.
        </p>
      )}
      <ol class={isAll.value ? 'all' : ''}>
        {shown.map((problem) => (
          <Problem key={problem.id} problem={problem} />
        ))}
        <MoreRow count={problems.length - shown.length} isAll={isAll} />
      </ol>
    </section>
  );
}

function Problem({
  problem: { look, sentence, evidence, since: at, to, keys },
}: {
  problem: FleetProblem;
}): JSX.Element {
  const now = agentTime();
  return (
    <li class={look.tone === 'crit' ? 'prob fleet-prob c' : 'prob fleet-prob'}>
      <Icon name={look.icon} tone={look.tone} label={look.word} />
      <Link to={to} keys={keys} class="grow">
        <div class="st cut">
          <SentenceText of={sentence} />
        </div>
        <div class="ev cut">{evidence}</div>
      </Link>
      <div class="si">
        {at !== null && (
          <>
            <div>{roughDuration(Math.max(0, now - at))}</div>
            <div>since {since(at, now)}</div>
          </>
        )}
      </div>
    </li>
  );
}
