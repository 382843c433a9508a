/** Containers: those with trouble first, then the busiest. */
import { useComputed, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';

import { decimals, roughDuration } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { pathOf } from '../../shell/route.ts';
import { sets, setsOf } from '../../store/catalog.ts';
import { lastOf } from '../../store/last.ts';
import { seriesName } from '../../store/series-name.ts';

const ROWS = 4;
const GIB = 1024 ** 3;
const NS_PER_MS = 1e6;
/** A container that left the list of the daemon is no longer shown. */
const GONE_MS = 600_000;

interface Container {
  readonly name: string;
  readonly status: string;
  readonly cpu: number;
  readonly memory: number;
  readonly upMs: number;
  readonly exitCode: number;
}

export function Containers(): JSX.Element {
  const all = useContainers().value;
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
      {all.length === 0 ? <None /> : <Table rows={all.slice(0, ROWS)} />}
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

function useContainers(): ReadonlySignal<readonly Container[]> {
  return useComputed(() => {
    const states = newestStates();
    return states
      .map(({ tags }) => {
        const name = tags['container_name'] ?? '';
        return {
          name,
          status: tags['container_status'] ?? '',
          cpu: valueOf('docker_container_cpu', 'usage_percent', name),
          memory: valueOf('docker_container_mem', 'usage', name),
          upMs: lastOf(seriesName('docker_container_status', 'uptime_ns', tags)) / NS_PER_MS,
          exitCode: lastOf(seriesName('docker_container_status', 'exitcode', tags)),
        };
      })
      .filter(({ status }) => status !== 'removed')
      .sort((a, b) => rank(b) - rank(a));
  });
}

/** A container has one series for each state it was in; the newest counts. */
function newestStates() {
  const newest = new Map<string, ReturnType<typeof setsOf>[number]>();
  const all = setsOf('docker_container_status');
  const now = Math.max(0, ...all.map(({ lastAt }) => lastAt));
  for (const set of all) {
    const name = set.tags['container_name'] ?? '';
    const before = newest.get(name);
    if (now - set.lastAt < GONE_MS && (before === undefined || before.lastAt < set.lastAt)) newest.set(name, set);
  }
  return [...newest.values()];
}

function valueOf(measurement: string, field: string, container: string): number {
  const set = setsOf(measurement).find(
    ({ tags }) => tags['container_name'] === container && (tags['cpu'] ?? 'cpu-total') === 'cpu-total',
  );
  return set === undefined ? NaN : lastOf(seriesName(measurement, field, set.tags));
}

function isFailed({ status, exitCode }: Container): boolean {
  return status === 'restarting' || status === 'dead' || (status === 'exited' && exitCode > 0);
}

/** Trouble is shown last of the rows that fit in the picture of a calm host; here it is first, where it is seen. */
function rank(container: Container): number {
  return (isFailed(container) ? 1e6 : 0) + (Number.isFinite(container.cpu) ? container.cpu : -1);
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
              <State container={container} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function State({ container }: { container: Container }): JSX.Element {
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

function None(): JSX.Element {
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
