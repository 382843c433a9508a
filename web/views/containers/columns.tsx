/** Columns of the table of containers. */
import { decimals, roughDuration } from '../../format/value.ts';
import { Link } from '../../parts/link.tsx';
import type { Column } from '../../parts/sorted-table.tsx';
import { pathOf } from '../../url/route.ts';
import { isFailed, type Container } from '../../store/containers.ts';
import { ContainerState } from '../overview/containers.tsx';

const MIB = 1024 ** 2;

export function containerPath(name: string): string {
  return `${pathOf({ isOfHost: true, path: 'containers' })}/${encodeURIComponent(name)}`;
}

export const CONTAINER_COLUMNS: readonly Column<Container>[] = [
  {
    key: 'name',
    title: 'Container',
    of: ({ name }) => name,
    hasPhone: true,
    cell: ({ name }) => (
      <Link to={containerPath(name)} class="row-link">
        {name}
      </Link>
    ),
  },
  { key: 'image', title: 'Image', of: ({ image }) => image, cell: ({ image }) => <span class="two">{image}</span> },
  {
    key: 'state',
    title: 'State',
    // What failed first, then by name of the state.
    of: (container) => `${isFailed(container) ? 0 : 1}${container.status}`,
    hasPhone: true,
    cell: (container) =>
      isFailed(container) ? <ContainerState container={container} /> : <span class="two">{container.status}</span>,
  },
  {
    key: 'cpu',
    title: 'CPU %',
    of: ({ cpu }) => cpu,
    isNumber: true,
    hasPhone: true,
    cell: ({ cpu }) => decimals(cpu, 1),
  },
  {
    key: 'memory',
    title: 'Memory MiB',
    of: ({ memory }) => memory,
    isNumber: true,
    cell: ({ memory }) => decimals(memory / MIB, 0),
  },
  {
    key: 'restarts',
    title: 'Restarts',
    of: ({ restarts }) => restarts,
    isNumber: true,
    cell: ({ restarts }) => <span class={restarts > 0 ? '' : 'mut'}>{decimals(restarts, 0)}</span>,
  },
  {
    key: 'up',
    title: 'Up',
    of: ({ upMs, status }) => (status === 'running' ? upMs : null),
    isNumber: true,
    cell: ({ upMs, status }) =>
      status === 'running' && Number.isFinite(upMs) ? roughDuration(upMs) : <span class="mut">—</span>,
  },
];
