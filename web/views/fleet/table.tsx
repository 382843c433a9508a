/** All hosts. Sorted and filtered as the address says; only what is on the screen is drawn. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

import { isPhone } from '../../parts/media.ts';
import { Head, PhoneSort, type Column, type Order, type Sorted } from '../../parts/sorted-table.tsx';
import { useKeys } from '../../shell/keys.ts';

import { groupsOf } from './groups.ts';
import { PhoneHost } from './phone-host.tsx';
import { useShownRows } from './rows.ts';
import type { HostRow } from './trouble.ts';

export interface HostTableProps {
  /** Of all hosts, also those that the filter hides. */
  readonly total: number;
  readonly all: readonly HostRow[];
  readonly columns: readonly Column<HostRow>[];
  readonly sorted: Sorted<HostRow>;
  /** A tag; undefined: not grouped. */
  readonly by: string | undefined;
}

type Item = { readonly row: HostRow } | { readonly group: string; readonly count: number };

const DESK_ROW = 28;
const PHONE_ROW = 56;
/** Rows that a screen reader counts begin with the head. */
const FIRST_ROW = 2;

export function HostTable({ total, all, by, columns, sorted }: HostTableProps): JSX.Element {
  const shown = sorted.shown.length;
  const items = useMemo(() => itemsOf(sorted.shown, by), [sorted.shown, by]);
  const body = useRef<HTMLTableSectionElement>(null);
  const height = isPhone.value ? PHONE_ROW : DESK_ROW;
  const { from, to } = useShownRows(body, items.length, height);
  useRowKeys({ items, body, height });
  // While the reader scrolls, rows that stay are the same objects, so nothing of them is compared.
  const rows = useMemo(
    () =>
      items.map((item, index) => (
        <ItemRow
          key={'row' in item ? item.row.id : `group ${item.group}`}
          {...{ item, index, columns, all, order: sorted.order }}
        />
      )),
    [items, columns, isPhone.value],
  );
  return (
    <>
      {isPhone.value && <PhoneSort columns={columns} order={sorted.order} />}
      <table
        class="sorted hosts-all"
        aria-label="Hosts"
        aria-rowcount={items.length + 1}
        onPointerEnter={sorted.hold}
        onPointerLeave={sorted.release}
      >
        <thead>
          <tr aria-rowindex={1}>
            {isPhone.value ? (
              <PhoneHead />
            ) : (
              columns.map((column) => (
                <Head key={column.key} column={column} order={sorted.order} onSort={sorted.release} />
              ))
            )}
          </tr>
        </thead>
        <tbody ref={body}>
          <Gap height={from * height} />
          {rows.slice(from, to)}
          <Gap height={(items.length - to) * height} />
        </tbody>
      </table>
      <p class="foot mut">{shown === total ? total : `${shown} of ${total}`} hosts</p>
    </>
  );
}

function itemsOf(rows: readonly HostRow[], by: string | undefined): readonly Item[] {
  if (by === undefined) return rows.map((row) => ({ row }));
  return groupsOf(rows, by).flatMap(({ value, hosts }) => [
    { group: value === '' ? `no ${by}` : value, count: hosts.length },
    ...hosts.map((row) => ({ row })),
  ]);
}

/** Keeps the place of rows that are not drawn. */
function Gap({ height }: { height: number }): JSX.Element | null {
  return height <= 0 ? null : (
    <tr class="gap" aria-hidden="true">
      <td style={{ height: `${height}px` }} />
    </tr>
  );
}

function PhoneHead(): JSX.Element {
  return (
    <>
      <th scope="col" class="w-state">
        State
      </th>
      <th scope="col">Host</th>
      <th scope="col" class="n w-value">
        Now
      </th>
    </>
  );
}

interface ItemRowProps {
  readonly item: Item;
  readonly index: number;
  readonly columns: readonly Column<HostRow>[];
  readonly all: readonly HostRow[];
  readonly order: Order;
}

function ItemRow({ item, index, columns, all, order }: ItemRowProps): JSX.Element {
  if (!('row' in item)) {
    return (
      <tr aria-rowindex={index + FIRST_ROW} class="group-row">
        <th scope="rowgroup">
          {item.group} <span class="mut">{item.count}</span>
        </th>
      </tr>
    );
  }
  return (
    <tr aria-rowindex={index + FIRST_ROW} data-id={item.row.id} class={item.row.troubles.length > 0 ? 'bad' : ''}>
      {isPhone.value ? (
        <PhoneHost row={item.row} all={all} column={columns.find(({ key }) => key === order.key)} />
      ) : (
        columns.map(({ key, cell, isNumber }) => (
          <td key={key} class={`${isNumber === true ? 'n' : ''} w-${key}`}>
            {cell(item.row)}
          </td>
        ))
      )}
    </tr>
  );
}

interface RowKeys {
  readonly items: readonly Item[];
  readonly body: { readonly current: HTMLElement | null };
  readonly height: number;
}

/** `j` and `k` move the focus, also to rows that are not drawn yet. */
function useRowKeys(state: RowKeys): void {
  /** Id of the host that gets the focus when it is drawn. */
  const wanted = useRef<string | undefined>(undefined);
  const latest = useRef(state);
  latest.current = state;
  const bindings = useMemo(() => {
    const move = (by: 1 | -1) => {
      const { items, body, height } = latest.current;
      // While a key repeats, the row before may not have been drawn yet.
      const current =
        wanted.current ?? document.activeElement?.closest<HTMLElement>('.hosts-all tr[data-id]')?.dataset['id'];
      const next = nextRow(items, current, by);
      if (next === undefined || body.current === null) return;
      scrollToRow(body.current, next.index, height);
      wanted.current = next.id;
      focusWanted(body.current, wanted);
    };
    return [
      {
        keys: 'j',
        does: 'next host; Enter opens it',
        run: () => {
          move(1);
        },
      },
      {
        keys: 'k',
        does: 'host before',
        run: () => {
          move(-1);
        },
      },
    ];
  }, []);
  useKeys(bindings);
  useEffect(() => {
    focusWanted(state.body.current, wanted);
  });
}

function focusWanted(body: HTMLElement | null, wanted: { current: string | undefined }): void {
  if (wanted.current === undefined) return;
  const link = body?.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(wanted.current)}"] a`);
  if (link == null) return;
  link.focus({ preventScroll: true });
  wanted.current = undefined;
}

export function nextRow(
  items: readonly Item[],
  current: string | undefined,
  by: 1 | -1,
): { readonly id: string; readonly index: number } | undefined {
  const at = items.findIndex((item) => 'row' in item && item.row.id === current);
  for (let index = at === -1 ? 0 : at + by; index >= 0 && index < items.length; index += by) {
    const item = items[index];
    if (item !== undefined && 'row' in item) return { id: item.row.id, index };
    // A group has no row before its first host.
    if (at === -1 && by === -1) return undefined;
  }
  return undefined;
}

/** Bars at the edges of the screen cover rows. px. */
const COVERED = 96;

function scrollToRow(body: HTMLElement, index: number, height: number): void {
  const top = body.getBoundingClientRect().top + index * height;
  if (top < COVERED) scrollBy(0, top - COVERED);
  else if (top + height > innerHeight - COVERED) scrollBy(0, top + height - innerHeight + COVERED);
}
