/** Who is busy now, or at the moment under the pointer. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';

import { moment } from '../../format/time.ts';
import { count } from '../../format/value.ts';
import { Link } from '../../parts/link.tsx';
import { isPhone } from '../../parts/media.ts';
import { ProcessesTable } from '../../parts/processes-table.tsx';
import { pathOf } from '../../url/route.ts';
import { agentTime } from '../../store/clock.ts';
import { shownProcesses } from '../../store/processes-at.ts';

const ROWS = 7;
const PHONE_ROWS = 6;

export function Busy(): JSX.Element {
  const answer = useComputed(() => shownProcesses.value.answer);
  const title = useComputed(() => {
    const { moment: at } = shownProcesses.value;
    return at === undefined ? 'Who is busy now' : `Who was busy at ${moment(at, agentTime())}`;
  });
  const total = useComputed(() =>
    answer.value === undefined ? '' : count(answer.value.total, 'process', 'processes'),
  );
  const isOld = useComputed(() => shownProcesses.value.isOld);
  return (
    <section class="card busy">
      <div class="ch">
        <h2 class="cut">{title}</h2>
        <span class="x nowrap">{total}</span>
      </div>
      <ProcessesTable
        answer={answer}
        rows={isPhone.value ? PHONE_ROWS : ROWS}
        isNarrow={isPhone.value}
        isFaded={isOld.value}
      />
      <div class="foot">
        <Link to={pathOf({ isOfHost: true, path: 'processes' })}>All processes</Link>
        {answer.value?.isRestricted === true && <span class="mut push">Sign in to see those of other users</span>}
      </div>
    </section>
  );
}
