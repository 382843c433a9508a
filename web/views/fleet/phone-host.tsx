/** A row of two lines: the host and what is wrong with it, and the figure by which the reader sorts. */
import type { JSX } from 'preact';

import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import type { Column } from '../../parts/sorted-table.tsx';
import { decimals } from '../../format/value.ts';

import { tagText, wrongText } from './columns.tsx';
import { hostPath } from './path.ts';
import { isHeard, type HostRow } from './trouble.ts';

export interface PhoneHostProps {
  readonly row: HostRow;
  readonly all: readonly HostRow[];
  /** By which the reader sorts. */
  readonly column: Column<HostRow> | undefined;
}

export function PhoneHost({ row, all, column }: PhoneHostProps): JSX.Element {
  const { cpu } = row.vitals;
  const isFigure = column?.isNumber === true && column.key !== 'cpu';
  const below = row.troubles.length > 0 || row.rank > 6 ? wrongText(row) : tagText(row);
  return (
    <>
      <td class="w-state">
        <Icon name={row.look.icon} tone={row.look.tone} label={row.look.word} />
      </td>
      <td>
        <Link to={hostPath(row, all)} class="row-link">
          {row.name}
        </Link>
        <span class="mut s cut phone-line">{below}</span>
      </td>
      <td class="n w-value">
        {isFigure ? column.cell(row) : isHeard(row) && cpu !== null ? `CPU ${decimals(cpu, 0)}\u00a0%` : ''}
      </td>
    </>
  );
}
