/** The table of hosts, with what filters and groups it. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { Filter } from '../../parts/filter.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useSorted } from '../../parts/sorted-table.tsx';
import { address, adjust } from '../../url/location.ts';

import { hostColumns } from './columns.tsx';
import { ALL_HOSTS, MOST_HOSTS } from './lines.tsx';
import { HostTable } from './table.tsx';
import type { HostRow } from './trouble.ts';

export interface HostsCardProps {
  /** Those that the filter leaves. */
  readonly rows: readonly HostRow[];
  readonly all: readonly HostRow[];
  /** Tags by which they can be grouped. */
  readonly keys: readonly string[];
  /** One of them; undefined: not grouped. */
  readonly by: string | undefined;
  /** Parts of the filter that say nothing. */
  readonly bad: readonly string[];
  /** The hub's time, ms since the Unix epoch. */
  readonly now: number;
}

const keyOf = ({ id }: HostRow) => id;

export function HostsCard({ rows, all, keys, by, bad, now }: HostsCardProps): JSX.Element {
  const columns = useMemo(() => hostColumns({ now, all }), [now, all]);
  const sorted = useSorted({ rows, columns, keyOf, defaultSort: 'wrong' });
  return (
    <section class="card hosts-card">
      <div class="ch tall">
        <h2>Hosts</h2>
        {bad.length > 0 && (
          <span class="row warn" role="status">
            <Icon name="warn" tone="warn" />
            {bad.join(' ')} says nothing
          </span>
        )}
        <DrawButton
          hosts={sorted.shown.slice(0, MOST_HOSTS).map(({ id }) => id)}
          text={`Draw the first ${Math.min(MOST_HOSTS, rows.length)}`}
          class="push"
        />
        {rows.length > MOST_HOSTS && <DrawButton hosts={[ALL_HOSTS]} text={`Draw all ${rows.length}`} />}
        <GroupChoice keys={keys} by={by} />
        <Filter label="role=db state!=up cpu>80" />
      </div>
      {rows.length === 0 ? (
        <p class="empty">No host matches “{address.value.search.get('q')}”.</p>
      ) : (
        <HostTable total={all.length} {...{ all, by, columns, sorted }} />
      )}
    </section>
  );
}

/** The chart names its hosts in the address, so that they stay when the order changes. */
function DrawButton({
  hosts,
  text,
  class: place = '',
}: {
  hosts: readonly string[];
  text: string;
  class?: string;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`btn q ${place}`}
      disabled={hosts.length === 0}
      onClick={() => {
        adjust({ chart: address.value.search.get('chart') ?? 'cpu', host: hosts });
        scrollTo(0, 0);
      }}
    >
      {text}
    </button>
  );
}

function GroupChoice({ keys, by }: { keys: readonly string[]; by: string | undefined }): JSX.Element {
  return (
    <label class="row">
      <span class="mut">Group by</span>
      <select
        class="text-in"
        value={by ?? ''}
        onChange={({ currentTarget: { value } }) => {
          adjust({ by: value === '' ? undefined : value });
        }}
      >
        <option value="">nothing</option>
        {keys.map((key) => (
          <option key={key} value={key}>
            {key}
          </option>
        ))}
      </select>
    </label>
  );
}
