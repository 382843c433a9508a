/** All containers, and the charts of one. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';

import { Filter, filterWords, hasWords } from '../../parts/filter.tsx';
import { SortedTable } from '../../parts/sorted-table.tsx';
import { subject } from '../../url/route.ts';
import { containersNow, isFailed, type Container } from '../../store/containers.ts';
import { followLast } from '../../store/last.ts';
import { NoContainers } from '../overview/containers.tsx';

import { CONTAINER_COLUMNS } from './columns.tsx';
import { OneContainer } from './one.tsx';

export function Containers(): JSX.Element {
  useEffect(followLast, []);
  const all = useComputed(containersNow).value;
  const name = subject.value;
  return (
    <main class="vw" id="main">
      {name !== undefined && <OneContainer name={name} container={all.find((one) => one.name === name)} />}
      <List all={all} chosen={name} />
    </main>
  );
}

function List({ all, chosen }: { all: readonly Container[]; chosen: string | undefined }): JSX.Element {
  const words = filterWords();
  const rows = all.filter(({ name, image, status }) => hasWords(`${name} ${image} ${status}`, words));
  const Title = chosen === undefined ? 'h1' : 'h2';
  return (
    <section class="card">
      <div class="ch tall">
        <Title>Containers</Title>
        <span class="mut push nowrap">{all.length > 0 && summary(all)}</span>
        {all.length > 0 && <Filter label="Name, image, state" />}
      </div>
      {all.length === 0 && <NoContainers />}
      {all.length > 0 && rows.length === 0 && (
        <p class="empty">No container has “{words.join(' ')}” in its name, image or state.</p>
      )}
      {rows.length > 0 && (
        <SortedTable
          label="Containers"
          class="containers-all"
          rows={rows}
          columns={CONTAINER_COLUMNS}
          keyOf={({ name }) => name}
          defaultSort="state"
          isHot={({ name }) => name === chosen}
        />
      )}
    </section>
  );
}

function summary(all: readonly Container[]): string {
  const running = all.filter(({ status }) => status === 'running').length;
  const failed = all.filter((container) => isFailed(container)).length;
  return `${running} run${failed > 0 ? `, ${failed} failed` : ''}`;
}
