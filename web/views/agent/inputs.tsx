/** Inputs: when they gathered, how long it took, what went wrong. */
import type { JSX } from 'preact';

import type { AgentAnswer } from '../../api/answers.ts';
import { duration, number } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { SortedTable, type Column } from '../../parts/sorted-table.tsx';

type Input = AgentAnswer['inputs'][number];

const COLUMNS: readonly Column<Input>[] = [
  {
    key: 'input',
    title: 'Input',
    of: ({ alias }) => alias,
    hasPhone: true,
    cell: ({ alias, plugin, error }) => (
      <>
        <span class="row">
          {error !== undefined && <Icon name="warn" tone="warn" label="Failed" />}
          <span class="cut">
            {alias} {alias !== plugin && <span class="mut s">{plugin}</span>}
          </span>
        </span>
        {error !== undefined && <span class="ev cell-note">{error}</span>}
      </>
    ),
  },
  {
    key: 'interval',
    title: 'Every',
    of: ({ intervalMs }) => intervalMs,
    isNumber: true,
    cell: ({ intervalMs }) => duration(intervalMs),
  },
  {
    key: 'took',
    title: 'Took ms',
    of: ({ lastMs }) => lastMs,
    isNumber: true,
    hasPhone: true,
    cell: ({ lastMs }) => (lastMs === null ? <span class="mut">—</span> : number(lastMs)),
  },
  {
    key: 'metrics',
    title: 'Metrics',
    of: ({ metrics }) => metrics,
    isNumber: true,
    cell: ({ metrics }) => metrics.toLocaleString('en'),
  },
  {
    key: 'errors',
    title: 'Errors',
    of: ({ errors }) => errors,
    isNumber: true,
    hasPhone: true,
    cell: ({ errors }) => <span class={errors === 0 ? 'mut' : ''}>{errors.toLocaleString('en')}</span>,
  },
];

export function Inputs({ all }: { all: readonly Input[] }): JSX.Element {
  const failed = all.filter(({ error }) => error !== undefined).length;
  return (
    <section class="card">
      <div class="ch">
        <h2>Inputs</h2>
        <span class="x">
          {all.length} run{failed > 0 ? `, ${failed} failed at the last gather` : ''}
        </span>
      </div>
      {all.length === 0 ? (
        <p class="empty">No input is configured, so nothing is gathered.</p>
      ) : (
        <SortedTable
          label="Inputs"
          class="inputs-all"
          rows={failedFirst(all)}
          columns={COLUMNS}
          keyOf={({ alias }) => alias}
          defaultSort=""
        />
      )}
    </section>
  );
}

function failedFirst(all: readonly Input[]): readonly Input[] {
  return all.toSorted((a, b) => Number(b.error !== undefined) - Number(a.error !== undefined));
}
