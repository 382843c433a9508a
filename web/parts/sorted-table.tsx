/** A table whose order the reader chooses. Rows do not move while the pointer is inside. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';

import { address, adjust } from '../url/location.ts';

import { isPhone } from './media.ts';

export interface Column<Row> {
  /** In the address: `sort=-cpu`. */
  readonly key: string;
  readonly title: string;
  /** By which rows are sorted; unknown values are last. */
  readonly of: (row: Row) => number | string | null;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers are at the right, and the first press sorts the largest first. */
  readonly isNumber?: boolean;
  /** Whether a phone has room for it. */
  readonly hasPhone?: boolean;
}

export interface SortedTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** As in the address; empty: as the rows are. */
  readonly defaultSort: string;
  readonly class?: string;
  /** A tinted row. */
  readonly isHot?: (row: Row, index: number) => boolean;
}

export interface Order {
  readonly key: string;
  readonly isDescending: boolean;
}

export function SortedTable<Row>(props: SortedTableProps<Row>): JSX.Element {
  const { label, keyOf, isHot } = props;
  const { order, shown, hold, release } = useSorted(props);
  const columns = columnsFor(props.columns, order);
  return (
    <>
      {isPhone.value && <PhoneSort columns={props.columns} order={order} />}
      <table class={`sorted ${props.class ?? ''}`} aria-label={label} onPointerEnter={hold} onPointerLeave={release}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} order={order} onSort={release} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={keyOf(row)} class={isHot?.(row, index) === true ? 'hot' : ''}>
              {columns.map(({ key, cell, isNumber }) => (
                <td key={key} class={isNumber === true ? 'n' : ''}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

export interface Sorted<Row> {
  readonly order: Order;
  readonly shown: readonly Row[];
  /** Keeps the order as it is. */
  readonly hold: (event: PointerEvent) => void;
  readonly release: () => void;
}

export function useSorted<Row>({
  rows,
  columns,
  keyOf,
  defaultSort,
}: Pick<SortedTableProps<Row>, 'rows' | 'columns' | 'keyOf' | 'defaultSort'>): Sorted<Row> {
  const frozen = useSignal<readonly string[] | undefined>(undefined);
  const order = orderOf(columns, address.value.search.get('sort'), defaultSort);
  const shown = held(sorted(rows, columns, order), keyOf, frozen.value);
  return {
    order,
    shown,
    hold: ({ pointerType }) => {
      // A finger does not rest.
      if (pointerType === 'mouse') frozen.value = shown.map(keyOf);
    },
    release: () => {
      frozen.value = undefined;
    },
  };
}

/** A phone has room for few columns: those that are always shown, and the one by which the reader sorts. */
function columnsFor<Row>(columns: readonly Column<Row>[], order: Order): readonly Column<Row>[] {
  return isPhone.value ? columns.filter(({ key, hasPhone = false }) => hasPhone || key === order.key) : columns;
}

/** What a phone does not show has no head to press. */
export function PhoneSort<Row>({ columns, order }: { columns: readonly Column<Row>[]; order: Order }): JSX.Element {
  return (
    <label class="phone-sort">
      <span class="mut">Sorted by</span>
      <select
        class="text-in"
        value={order.key}
        onChange={({ currentTarget: { value } }) => {
          const isNumber = columns.find(({ key }) => key === value)?.isNumber === true;
          adjust({ sort: `${isNumber ? '-' : ''}${value}` });
        }}
      >
        {order.key === '' && <option value="">what failed</option>}
        {columns.map(({ key, title }) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Head<Row>({
  column: { key, title, isNumber = false },
  order,
  onSort,
}: {
  column: Column<Row>;
  order: Order;
  onSort: () => void;
}): JSX.Element {
  const isSorted = order.key === key;
  const isNextDescending = isSorted ? !order.isDescending : isNumber;
  return (
    <th
      scope="col"
      class={`${isNumber ? 'n' : ''} w-${key}`}
      aria-sort={isSorted ? (order.isDescending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        onClick={() => {
          onSort();
          adjust({ sort: `${isNextDescending ? '-' : ''}${key}` });
        }}
      >
        {isSorted ? `${title} ${order.isDescending ? '↓' : '↑'}` : title}
      </button>
    </th>
  );
}

/** A key that the table does not have, such as that of another view, is not followed. Without any, rows stay as they are. */
function orderOf<Row>(columns: readonly Column<Row>[], asked: string | null, otherwise: string): Order {
  const [text = ''] = [asked, otherwise].filter((one) => columns.some(({ key }) => key === one?.replace(/^-/, '')));
  return { key: (text ?? '').replace(/^-/, ''), isDescending: text?.startsWith('-') ?? false };
}

/** Making one takes longer than comparing thousands of texts. */
const texts = new Intl.Collator('en', { numeric: true });

function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order: Order): readonly Row[] {
  const of = columns.find(({ key }) => key === order.key)?.of;
  if (of === undefined) return rows;
  const sign = order.isDescending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [of(a), of(b)];
    const [isKnown, isOtherKnown] = [isValue(left), isValue(right)];
    if (!isKnown || !isOtherKnown) return Number(isOtherKnown) - Number(isKnown);
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
    return sign * texts.compare(String(left), String(right));
  });
}

function isValue(value: number | string | null): boolean {
  return value !== null && !Number.isNaN(value);
}

function held<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  frozen: readonly string[] | undefined,
): readonly Row[] {
  if (frozen === undefined) return rows;
  const place = new Map(frozen.map((key, index) => [key, index]));
  const of = (row: Row) => place.get(keyOf(row)) ?? frozen.length;
  return rows.toSorted((a, b) => of(a) - of(b));
}
