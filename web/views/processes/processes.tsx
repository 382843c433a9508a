/** All processes that the agent keeps: now, or at the moment that is pinned or under the pointer. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';

import { ChartCard } from '../../chart/card.tsx';
import { overviewCharts } from '../../chart/host-charts.ts';
import { SelectionBar } from '../../chart/selection-bar.tsx';
import { moment } from '../../format/time.ts';
import { count } from '../../format/value.ts';
import { Filter, filterWords, hasWords } from '../../parts/filter.tsx';
import { Icon } from '../../parts/icon.tsx';
import { isPhone } from '../../parts/media.ts';
import { NeedsSession } from '../../parts/needs-session.tsx';
import { isSortOfProblem, processSort } from '../../parts/processes-table.tsx';
import { SortedTable } from '../../parts/sorted-table.tsx';
import { agentTime } from '../../store/clock.ts';
import { rangeMarkers } from '../../store/events.ts';
import { shownProcesses } from '../../store/processes-at.ts';
import { address } from '../../url/location.ts';
import { pin, pinned } from '../../url/range.ts';
import { headlineOf } from '../overview/charts.tsx';

import { PROCESS_COLUMNS } from './columns.tsx';
import { ProcessSheet } from './process-sheet.tsx';

/** Their lines tell when to look: CPU, memory, disks. */
const CHARTS = ['cpu', 'mem', 'disk'];

export function Processes(): JSX.Element {
  const pid = Number(address.value.search.get('pid') ?? NaN);
  const { answer } = shownProcesses.value;
  return (
    <>
      <main class="vw" id="main">
        {!isPhone.value && <Charts />}
        <Table />
      </main>
      {Number.isInteger(pid) && (
        <ProcessSheet key={pid} pid={pid} process={answer?.processes.find((process) => process.pid === pid)} />
      )}
      <SelectionBar />
    </>
  );
}

function Charts(): JSX.Element {
  const shown = useComputed(() => overviewCharts.value.filter(({ id }) => CHARTS.includes(id)));
  return (
    <div class="grid3">
      {shown.value.map((spec) => (
        <ChartCard key={spec.id} spec={spec} headline={(values) => headlineOf(spec, values)} markers={rangeMarkers} />
      ))}
    </div>
  );
}

function Table(): JSX.Element {
  const { answer, isOld, moment: at } = shownProcesses.value;
  const words = filterWords();
  const all = answer?.processes ?? [];
  const rows = all.filter(({ name, unit, user, pid }) => hasWords(`${name} ${unit} ${user} ${pid}`, words));
  return (
    <section class="card">
      <div class="ch tall">
        <h1 class="cut">{at === undefined ? 'Processes now' : `Processes at ${moment(at, agentTime())}`}</h1>
        {pinned.value !== undefined && <Unpin />}
        <span class="mut push nowrap">
          {answer === undefined ? '' : `${rows.length} busiest of ${count(answer.total, 'process', 'processes')}`}
        </span>
        <Filter label="Name, unit, user" />
      </div>
      {rows.length > 0 ? (
        <SortedTable
          label="Processes"
          class={isOld ? 'procs-all faded' : 'procs-all'}
          rows={rows}
          columns={PROCESS_COLUMNS}
          keyOf={({ pid }) => String(pid)}
          defaultSort={`-${processSort()}`}
          isHot={(_, index) => index === 0 && words.length === 0 && isSortOfProblem()}
        />
      ) : (
        <None isKnown={answer !== undefined} isCaptured={answer?.at !== null} words={words} />
      )}
      {answer?.isRestricted === true && <NeedsSession what="A look at the processes of other users" />}
    </section>
  );
}

function Unpin(): JSX.Element {
  return (
    <button
      type="button"
      class="btn q"
      onClick={() => {
        pin(undefined);
      }}
    >
      <Icon name="clock" />
      Now
    </button>
  );
}

function None({
  isKnown,
  isCaptured,
  words,
}: {
  isKnown: boolean;
  isCaptured: boolean;
  words: readonly string[];
}): JSX.Element {
  if (!isKnown) return <div class="empty" aria-busy="true" />;
  if (words.length > 0) return <p class="empty">None of the busiest processes has “{words.join(' ')}” in its name.</p>;
  return (
    <p class="empty">
      {isCaptured
        ? 'No process was busy.'
        : 'No processes were captured then: the agent did not run, or this is too long ago.'}
    </p>
  );
}
