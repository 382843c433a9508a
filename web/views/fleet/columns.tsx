/** Columns of the table of hosts. */
import type { ComponentChildren } from 'preact';

import { decimals, roughDuration } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { Meter } from '../../parts/meter.tsx';
import type { Column } from '../../parts/sorted-table.tsx';

import { hostPath } from './path.ts';
import { isHeard, type HostRow } from './trouble.ts';

/** Lines of one or two intervals are on their way all the time. */
const FEW_WAIT = 1000;
const NONE = <span class="mut">—</span>;

export interface ColumnOptions {
  /** The hub's time, ms since the Unix epoch. */
  readonly now: number;
  readonly all: readonly HostRow[];
}

export function hostColumns({ now, all }: ColumnOptions): readonly Column<HostRow>[] {
  return [
    {
      key: 'state',
      title: 'State',
      of: ({ rank }) => rank,
      cell: ({ look }) => <Icon name={look.icon} tone={look.tone} label={look.word} />,
    },
    {
      key: 'name',
      title: 'Host',
      of: ({ name }) => name,
      cell: (row) => (
        <Link to={hostPath(row, all)} class="row-link">
          {row.name}
        </Link>
      ),
    },
    {
      key: 'wrong',
      title: 'What is wrong',
      // Those that are fine by their state, all by name.
      of: ({ rank, name }) => `${rank} ${name}`,
      cell: ({ troubles, look, rank }) => wrongText({ troubles, look, rank }),
    },
    {
      key: 'tags',
      title: 'Tags',
      of: (row) => tagText(row) || null,
      cell: (row) => <span class="two">{tagText(row)}</span>,
    },
    { ...age('since', 'Since', ({ since }) => now - since), hasPhone: false },
    percent('cpu', 'CPU %', ({ vitals }) => vitals.cpu),
    percent('memory', 'Memory %', ({ vitals }) => vitals.memory),
    percent('disk', 'Disk %', ({ vitals }) => vitals.disk),
    {
      ...figure('load', 'Load', (row) => (isHeard(row) ? row.vitals.load : null)),
      cell: (row) => (isHeard(row) && row.vitals.load !== null ? decimals(row.vitals.load, 1) : NONE),
    },
    age('heard', 'Heard', ({ heardAt }) => now - heardAt),
    {
      ...figure('clock', 'Clock s', ({ offsetMs }) => offsetMs),
      cell: ({ offsetMs }) =>
        offsetMs === null ? NONE : <span class={Math.abs(offsetMs) > 2000 ? '' : 'mut'}>{signed(offsetMs)}</span>,
    },
    figure('waiting', 'Waiting', ({ lines }) => Math.max(lines.pending, lines.missing), FEW_WAIT),
    figure('lost', 'Lost', ({ lines }) => lines.lost),
    {
      ...age('complete', 'Gap-free for', ({ lines }) =>
        lines.completeSince === null ? null : now - lines.completeSince,
      ),
      cell: ({ lines: { completeSince, missing } }) => {
        if (missing > 0) return `${missing.toLocaleString('en')} missing`;
        return completeSince === null ? NONE : <span class="mut">{roughDuration(now - completeSince)}</span>;
      },
    },
  ];
}

export function wrongText({ troubles, look }: Pick<HostRow, 'troubles' | 'look' | 'rank'>): ComponentChildren {
  const [worst, ...others] = troubles;
  if (worst === undefined) return look.icon === 'ok' ? '' : <span class="mut">{look.word}</span>;
  return `${upper(worst.says)}${others.length > 0 ? ` · ${others.length} more` : ''}`;
}

export function tagText({ tags }: HostRow): string {
  return Object.entries(tags)
    .filter(([key]) => key !== 'host')
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

function percent(key: string, title: string, of: (row: HostRow) => number | null): Column<HostRow> {
  const known = (row: HostRow) => (isHeard(row) ? of(row) : null);
  return {
    key,
    title,
    of: known,
    isNumber: true,
    cell: (row) => {
      const value = known(row);
      return value === null ? NONE : <Meter percent={value} />;
    },
  };
}

/** @param quiet up to which a number needs no attention */
function figure(key: string, title: string, of: (row: HostRow) => number | null, quiet = 0): Column<HostRow> {
  return {
    key,
    title,
    of,
    isNumber: true,
    cell: (row) => {
      const value = of(row);
      if (value === null) return NONE;
      return <span class={value <= quiet ? 'mut' : ''}>{value.toLocaleString('en')}</span>;
    },
  };
}

function age(key: string, title: string, of: (row: HostRow) => number | null): Column<HostRow> {
  return {
    key,
    title,
    of,
    isNumber: true,
    cell: (row) => {
      const value = of(row);
      return value === null ? NONE : <span class="mut">{roughDuration(Math.max(0, value))}</span>;
    },
  };
}

function signed(ms: number): string {
  const text = decimals(-ms / 1000, 1);
  return text === '-0.0' ? '0.0' : text;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
