/** Columns of the table of processes. */
import type { ComponentChildren } from 'preact';

import type { ProcessInfo } from '../../api/answers.ts';
import { decimals } from '../../format/value.ts';
import { Link } from '../../parts/link.tsx';
import type { Column } from '../../parts/sorted-table.tsx';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

export const PROCESS_COLUMNS: readonly Column<ProcessInfo>[] = [
  {
    key: 'name',
    title: 'Process',
    of: ({ name }) => name,
    hasPhone: true,
    cell: ({ name, unit, pid }) => (
      <Link keys={{ pid: String(pid) }} class="row-link">
        {name} <span class="mut s only-phone">{unit === '' ? pid : unit}</span>
      </Link>
    ),
  },
  { key: 'unit', title: 'Unit or container', of: ({ unit }) => unit, cell: ({ unit }) => quiet(unit) },
  { key: 'user', title: 'User', of: ({ user }) => user, cell: ({ user }) => quiet(user) },
  { key: 'pid', title: 'Pid', of: ({ pid }) => pid, cell: ({ pid }) => <span class="two">{pid}</span>, isNumber: true },
  figure('cpu', 'CPU %', ({ cpu }) => cpu, 1, true),
  figure('memory', 'Memory GiB', ({ memory }) => memory, GIB),
  figure('read', 'Read MiB/s', ({ read }) => read, MIB),
  figure('written', 'Write MiB/s', ({ written }) => written, MIB),
];

function quiet(text: string): ComponentChildren {
  return <span class={text === '' ? 'mut' : 'two'}>{text === '' ? '—' : text}</span>;
}

function figure(
  key: string,
  title: string,
  of: (process: ProcessInfo) => number | null,
  divisor: number,
  hasPhone = false,
): Column<ProcessInfo> {
  return {
    key,
    title,
    of,
    isNumber: true,
    hasPhone,
    cell: (process) => {
      const value = of(process);
      const text = value === null ? '—' : decimals(value / divisor, value / divisor >= 99.95 ? 0 : 1);
      return <span class={text === '0.0' || text === '—' ? 'mut' : ''}>{text}</span>;
    },
  };
}
