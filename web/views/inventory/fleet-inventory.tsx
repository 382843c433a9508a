/** What the hosts of a hub run, as a table; those that differ from most come first. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import type { FleetInventoryAnswer } from '../../api/answers.ts';
import { moment } from '../../format/time.ts';
import { count, withUnit } from '../../format/value.ts';
import { Filter, filterWords, hasWords } from '../../parts/filter.tsx';
import { Link } from '../../parts/link.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { SortedTable, type Column } from '../../parts/sorted-table.tsx';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';
import { address, adjust } from '../../url/location.ts';
import { viewPath } from '../fleet/path.ts';

import { driftOf, type Compared, type Drift } from './drift.ts';

const EVERY_MS = 60_000;
/** More rows are a matter for the filter. */
const MOST_ROWS = 500;

export function FleetInventory(): JSX.Element {
  const asked = useAsked<FleetInventoryAnswer>('fleet/inventory', {}, EVERY_MS);
  const { answer } = asked;
  const all = useMemo(() => driftOf(answer?.hosts ?? []), [answer]);
  const columns = useMemo(() => columnsOf(all), [all]);
  const differing = all.filter(({ differs }) => differs.size > 0);
  const isOnly = address.value.search.get('differ') === '1';
  const words = filterWords();
  const rows = (isOnly ? differing : all).filter((host) => hasWords(textOf(host), words));
  return (
    <main class="vw" id="main">
      <div class="vh">
        <div class="grow">
          <h1>{answer === undefined ? 'Inventory' : headline(differing.length, all.length)}</h1>
        </div>
        <Link class="btn" keys={{ own: '1' }}>
          The hub itself
        </Link>
        {all.length > 0 && (
          <>
            <label class="row check">
              <input
                type="checkbox"
                checked={isOnly}
                onChange={({ currentTarget: { checked } }) => {
                  adjust({ differ: checked ? '1' : undefined });
                }}
              />
              Only those that differ
            </label>
            <Filter label="Host, kernel, version" />
          </>
        )}
      </div>
      <section class="card">
        {answer === undefined && <NoAnswer of={asked} what="The inventory" />}
        {answer !== undefined && rows.length === 0 && <p class="empty">{emptyText(all.length, words, isOnly)}</p>}
        {rows.length > 0 && (
          <SortedTable
            label="Hosts"
            class="drift"
            rows={rows.slice(0, MOST_ROWS)}
            columns={columns}
            keyOf={({ id }) => id}
            defaultSort="-differs"
          />
        )}
        {rows.length > MOST_ROWS && (
          <p class="mut more-rows">{rows.length - MOST_ROWS} more; the box above finds them.</p>
        )}
      </section>
    </main>
  );
}

function headline(differing: number, all: number): string {
  if (all === 0) return 'Inventory';
  if (differing === 0) return `All of ${count(all, 'host')} run the same`;
  return `${differing} of ${count(all, 'host')} ${differing === 1 ? 'differs' : 'differ'} from most`;
}

function emptyText(all: number, words: readonly string[], isOnly: boolean): string {
  if (all === 0) return 'No host has told its inventory yet. Agents do within a minute after they have joined.';
  if (words.length > 0) return `No host has “${words.join(' ')}”.`;
  return isOnly ? 'No host differs from most.' : 'No host.';
}

function textOf(host: Drift): string {
  const { name, os, kernel, arch, virtualisation, version, failing, isRebootPending } = host;
  return [name, os, kernel, arch, virtualisation, version, ...failing, isRebootPending === true ? 'reboot' : ''].join(
    ' ',
  );
}

function columnsOf(all: readonly Drift[]): readonly Column<Drift>[] {
  const compared = (key: Compared, title: string, hasPhone = false): Column<Drift> => ({
    key,
    title,
    hasPhone,
    of: (host) => host[key],
    cell: (host) => <Value host={host} of={key} />,
  });
  return [
    nameColumn(all),
    {
      key: 'differs',
      title: 'Differs',
      isNumber: true,
      of: ({ differs }) => differs.size,
      cell: ({ differs }) => (differs.size === 0 ? <span class="mut">0</span> : differs.size),
    },
    compared('os', 'System'),
    compared('kernel', 'Kernel', true),
    compared('version', 'healthd'),
    compared('arch', 'Architecture'),
    compared('virtualisation', 'Virtualisation'),
    { key: 'cores', title: 'Processors', isNumber: true, of: ({ cores }) => cores, cell: ({ cores }) => cores },
    {
      key: 'memory',
      title: 'Memory',
      isNumber: true,
      of: ({ memoryBytes }) => memoryBytes,
      cell: ({ memoryBytes }) => <span class="nowrap">{withUnit(memoryBytes, 'bytes')}</span>,
    },
    {
      key: 'reboot',
      title: 'Reboot',
      of: ({ isRebootPending }) => (isRebootPending === true ? 0 : null),
      cell: ({ isRebootPending }) => (isRebootPending === true ? 'pending' : ''),
    },
    {
      key: 'failing',
      title: 'Inputs that fail',
      of: ({ failing }) => (failing.length === 0 ? null : failing.join(', ')),
      cell: ({ failing }) => <span class="cut">{failing.join(', ')}</span>,
    },
    {
      key: 'changed',
      title: 'Changed',
      isNumber: true,
      of: ({ changedAt }) => changedAt,
      cell: ({ changedAt }) =>
        changedAt === null ? '' : <span class="mut nowrap">{moment(changedAt, agentTime())}</span>,
    },
  ];
}

function nameColumn(all: readonly Drift[]): Column<Drift> {
  return {
    key: 'name',
    title: 'Host',
    hasPhone: true,
    of: ({ name }) => name,
    cell: (host) => (
      <Link class="cut" to={viewPath(host, all)}>
        {host.name}
      </Link>
    ),
  };
}

/** What most have is quiet. */
function Value({ host, of }: { host: Drift; of: Compared }): JSX.Element {
  const most = host.differs.get(of);
  if (most === undefined) return <span class="two cut">{host[of]}</span>;
  return (
    <b class="cut" title={`Most have ${most}`}>
      <span aria-hidden="true">≠ </span>
      <span class="unseen">differs: </span>
      {host[of]}
    </b>
  );
}
