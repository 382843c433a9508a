/** Containers: those with trouble first, then the busiest. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';

import { decimals, roughDuration } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { pathOf } from '../../url/route.ts';
import { sets } from '../../store/catalog.ts';
import { containersNow, isFailed, type Container } from '../../store/containers.ts';

const ROWS = 4;
const GIB = 1024 ** 3;

export function Containers(): JSX.Element {
  const all = useComputed(containersNow).value;
  const running = all.filter(({ status }) => status === 'running').length;
  const failed = all.filter((container) => isFailed(container)).length;
  const rest = all.slice(ROWS);
  return (
    <section class="card containers">
      <div class="ch">
        <h2>Containers</h2>
        {all.length > 0 && (
          <span class="x">
            {running} run{failed > 0 ? `, ${failed} failed` : ''}
          </span>
        )}
      </div>
      {all.length === 0 ? <NoContainers /> : <Table rows={all.slice(0, ROWS)} />}
      <div class="foot">
        {rest.length > 0 && (
          <Link to={pathOf({ isOfHost: true, path: 'containers' })}>
            {rest.length} more{rest.some((container) => isFailed(container)) ? '' : ', all fine'}
          </Link>
        )}
      </div>
    </section>
  );
}

function Table({ rows }: { rows: readonly Container[] }): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" class="n w-cpu">
            CPU %
          </th>
          <th scope="col" class="n w-memory">
            GiB
          </th>
          <th scope="col" class="n w-state">
            State
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((container, index) => (
          // Rows stay and their texts change: nothing moves when the order does.
          <tr key={index}>
            <td title={container.name}>{container.name}</td>
            <td class="n">{decimals(container.cpu, 1)}</td>
            <td class="n">{decimals(container.memory / GIB, 1)}</td>
            <td class="n two">
              <ContainerState container={container} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function ContainerState({ container }: { container: Container }): JSX.Element {
  const { status, upMs, exitCode } = container;
  if (isFailed(container)) {
    return (
      <span class="row end warn">
        <Icon name="warn" tone="warn" label="Warning" />
        {status === 'exited' ? `exited ${exitCode}` : status}
      </span>
    );
  }
  return <>{status === 'running' && Number.isFinite(upMs) ? `up ${roughDuration(upMs)}` : status}</>;
}

export function NoContainers(): JSX.Element {
  if (sets.value === undefined) return <div class="empty" />;
  return (
    <div class="empty">
      <p>No containers are watched.</p>
      <p class="mut">
        The input <code>docker</code> reads them from the socket of Docker or Podman.
      </p>
    </div>
  );
}
