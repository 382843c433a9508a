/** Processes, sorted by what the reader chose, or by what the first problem is about. */
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { ProcessesAnswer, ProcessInfo } from '../api/answers.ts';
import { decimals } from '../format/value.ts';
import { findings } from '../store/live.ts';
import { isHandled } from '../store/problems.ts';
import { address, adjust } from '../url/location.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

export type ProcessSort = 'cpu' | 'memory' | 'read' | 'written';

interface Column {
  readonly key: ProcessSort;
  readonly title: string;
  readonly of: (process: ProcessInfo) => number | null;
  readonly divisor: number;
}

const COLUMNS: readonly Column[] = [
  { key: 'cpu', title: 'CPU %', of: ({ cpu }) => cpu, divisor: 1 },
  { key: 'memory', title: 'GiB', of: ({ memory }) => memory, divisor: GIB },
  { key: 'read', title: 'Read', of: ({ read }) => read, divisor: MIB },
  { key: 'written', title: 'Write MiB/s', of: ({ written }) => written, divisor: MIB },
];

export const processSort = (): ProcessSort => {
  const chosen = address.value.search.get('sort')?.replace(/^-/, '');
  const column = COLUMNS.find(({ key }) => key === chosen);
  return column?.key ?? findings.value?.findings.find((finding) => !isHandled(finding) && finding.sort)?.sort ?? 'cpu';
};

export interface ProcessesTableProps {
  readonly answer: ReadonlySignal<ProcessesAnswer | undefined>;
  readonly rows: number;
  /** Of a phone: CPU and what it is sorted by. */
  readonly isNarrow: boolean;
  readonly isFaded?: boolean;
}

export function ProcessesTable({ answer, rows, isNarrow, isFaded = false }: ProcessesTableProps): JSX.Element {
  const frozen = useSignal<readonly number[] | undefined>(undefined);
  const sort = useComputed(processSort);
  const shown = useComputed(() => ordered(answer.value?.processes ?? [], sort.value, frozen.value).slice(0, rows));
  const columns = COLUMNS.filter(
    ({ key }) => !isNarrow || key === 'cpu' || key === (sort.value === 'cpu' ? 'memory' : sort.value),
  );
  return (
    <table
      class={`procs ${isNarrow ? 'narrow' : ''} ${isFaded ? 'faded' : ''}`}
      onPointerEnter={() => {
        frozen.value = shown.value.map(({ pid }) => pid);
      }}
      onPointerLeave={() => {
        frozen.value = undefined;
      }}
    >
      <thead>
        <tr>
          <th scope="col">Process</th>
          {columns.map((column) => (
            <HeadCell key={column.key} column={column} isSorted={column.key === sort.value} isNarrow={isNarrow} />
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: rows }, (_, index) => (
          <Row
            key={index}
            process={shown.value[index]}
            columns={columns}
            isHot={index === 0 && isCulprit(shown.value)}
          />
        ))}
      </tbody>
    </table>
  );
}

function HeadCell({
  column: { key, title },
  isSorted,
  isNarrow,
}: {
  column: Column;
  isSorted: boolean;
  isNarrow: boolean;
}): JSX.Element {
  const text = isNarrow && key === 'read' ? 'Read MiB/s' : title;
  return (
    <th scope="col" class={`n w-${key}`} aria-sort={isSorted ? 'descending' : undefined}>
      <button
        type="button"
        onClick={() => {
          adjust({ sort: `-${key}` });
        }}
      >
        {isSorted ? `${text} ↓` : text}
      </button>
    </th>
  );
}

/** Rows stay; what they show changes. */
function Row({
  process,
  columns,
  isHot,
}: {
  process: ProcessInfo | undefined;
  columns: readonly Column[];
  isHot: boolean;
}): JSX.Element {
  if (process === undefined) {
    return (
      <tr aria-hidden="true">
        <td colSpan={columns.length + 1} />
      </tr>
    );
  }
  const { name, unit, user, pid } = process;
  return (
    <tr class={isHot ? 'hot' : ''}>
      <td title={`${name}, pid ${pid}${user === '' ? '' : `, ${user}`}${unit === '' ? '' : `, ${unit}`}`}>
        {name} <span class="mut s">{unit === '' ? pid : unit}</span>
      </td>
      {columns.map(({ key, of, divisor }) => (
        <Cell key={key} value={of(process)} divisor={divisor} />
      ))}
    </tr>
  );
}

function Cell({ value, divisor }: { value: number | null; divisor: number }): JSX.Element {
  const text = value === null ? '—' : shortened(value / divisor);
  return <td class={text === '0.0' || text === '—' ? 'n mut' : 'n'}>{text}</td>;
}

function shortened(value: number): string {
  return decimals(value, value >= 99.95 ? 0 : 1);
}

/** The first row is tinted when a problem names what it is sorted by. */
function isCulprit(rows: readonly ProcessInfo[]): boolean {
  return rows.length > 0 && isSortOfProblem();
}

export function isSortOfProblem(): boolean {
  return findings.value?.findings.some((finding) => !isHandled(finding) && finding.sort === processSort()) ?? false;
}

function ordered(
  all: readonly ProcessInfo[],
  sort: ProcessSort,
  frozen: readonly number[] | undefined,
): readonly ProcessInfo[] {
  const column = COLUMNS.find(({ key }) => key === sort) ?? COLUMNS[0];
  const sorted = all.toSorted((a, b) => (column?.of(b) ?? -1) - (column?.of(a) ?? -1) || b.cpu - a.cpu);
  if (frozen === undefined) return sorted;
  const place = new Map(frozen.map((pid, index) => [pid, index]));
  return sorted.toSorted((a, b) => (place.get(a.pid) ?? frozen.length) - (place.get(b.pid) ?? frozen.length));
}
