/** One host: what is wrong with it, what is known of it, the account of its lines, what happened, and what can be done. */
import type { JSX } from 'preact';

import { Link } from '../../parts/link.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { goTo } from '../../url/location.ts';

import { HostActs } from './host-acts.tsx';
import { HostCharts } from './host-charts.tsx';
import { Audience } from './audience.tsx';
import { HostAlerts } from './host-alerts.tsx';
import { HostInventory } from './host-inventory.tsx';
import { Events, Facts, Figures, State } from './host-facts.tsx';
import { viewPath } from './path.ts';
import type { HostRow } from './trouble.ts';

export interface HostSheetProps {
  /** As in the address. */
  readonly name: string;
  /** Undefined: the hub has no such host. */
  readonly row: HostRow | undefined;
  readonly all: readonly HostRow[];
  /** The hub's time, ms since the Unix epoch. */
  readonly now: number;
  readonly onActed: () => void;
}

export function HostSheet({ name, row, all, now, onActed }: HostSheetProps): JSX.Element {
  return (
    <Sheet title={row?.name ?? name} class="wide" onClose={close}>
      {row === undefined ? (
        <p class="two">The hub has no such host. It may have been forgotten, or it has another name now.</p>
      ) : (
        <>
          <State row={row} now={now} />
          <p>
            <Link class="acc" to={viewPath(row, all)}>
              All of {row.name}, with its charts over time
            </Link>
          </p>
          <Figures row={row} />
          <HostAlerts row={row} />
          <Facts row={row} now={now} />
          <Events key={`${row.presence} ${row.isRevoked}`} row={row} now={now} />
          <HostActs
            host={row}
            onActed={(what) => {
              if (what === 'forget') close();
              onActed();
            }}
          />
          <HostCharts id={row.id} />
          <Audience row={row} />
          {row.kind !== 'writer' && <HostInventory id={row.id} now={now} />}
        </>
      )}
    </Sheet>
  );
}

function close(): void {
  goTo({}, '/fleet');
}
