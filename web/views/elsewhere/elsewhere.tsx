/** Another host on the page of its hub, from the hub's history; and what only the host itself can show. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import type { FleetAnswer } from '../../api/answers.ts';
import { SelectionBar } from '../../chart/selection-bar.tsx';
import { Link } from '../../parts/link.tsx';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { RangeChoice } from '../../parts/range-choice.tsx';
import { useAsked } from '../../store/asked.ts';
import { elsewhere, host } from '../../store/live.ts';
import { pathOf, view } from '../../url/route.ts';
import { OVERVIEW } from '../../url/views.ts';
import { Audience } from '../fleet/audience.tsx';
import { Events, Facts, Figures, State } from '../fleet/host-facts.tsx';
import { HostInventory } from '../fleet/host-inventory.tsx';
import { hostPath } from '../fleet/path.ts';
import { hostRow, type HostRow } from '../fleet/trouble.ts';
import { Charts } from '../overview/charts.tsx';

const EVERY_MS = 5000;

export function Elsewhere(): JSX.Element {
  return view.value === OVERVIEW ? <Host /> : <OnlyThere />;
}

function Host(): JSX.Element {
  const asked = useAsked<FleetAnswer>('fleet', {}, EVERY_MS);
  const { answer } = asked;
  const id = elsewhere.value?.id;
  const row = useMemo(() => {
    const found = answer?.hosts.find((one) => one.id === id);
    return found && hostRow(found, answer?.now ?? 0);
  }, [answer, id]);
  return (
    <main class="vw elsewhere" id="main">
      <div class="vh">
        <h1 class="cut grow" title={host.value?.name}>
          {host.value?.name}
        </h1>
        {row !== undefined && (
          <Link class="btn" to={hostPath(row, answer?.hosts ?? [])}>
            In the fleet
          </Link>
        )}
      </div>
      <div class="elsewhere-body">
        <div class="elsewhere-charts">
          <RangeChoice />
          <Charts />
        </div>
        <aside>
          {row === undefined && (
            <section class="card">
              {answer === undefined ? (
                <NoAnswer of={asked} what="The fleet" />
              ) : (
                <p class="empty">The hub has forgotten this host.</p>
              )}
            </section>
          )}
          {row !== undefined && answer !== undefined && <Known row={row} now={answer.now} />}
        </aside>
      </div>
      <SelectionBar />
    </main>
  );
}

function Known({ row, now }: { row: HostRow; now: number }): JSX.Element {
  return (
    <>
      <section class="card elsewhere-card">
        <State row={row} now={now} />
        <Figures row={row} />
      </section>
      <section class="card elsewhere-card">
        <Facts row={row} now={now} />
      </section>
      <section class="card elsewhere-card">
        <Events key={row.presence} row={row} now={now} />
      </section>
      <section class="card elsewhere-card">
        <Audience row={row} />
      </section>
      <section class="card elsewhere-card">
        <HostInventory id={row.id} now={now} />
      </section>
    </>
  );
}

/** Processes, log and configuration do not travel to the hub. */
function OnlyThere(): JSX.Element {
  const name = host.value?.name ?? 'The host';
  return (
    <main id="main" class="alone">
      <h1>{view.value?.title ?? ''}</h1>
      <p class="two">
        Only {name} itself can show this: it does not send it to the hub. Open the page of its own agent there, or see
        what the hub has of it.
      </p>
      <p>
        <Link class="acc" to={pathOf(OVERVIEW)}>
          {name} at the hub
        </Link>
      </p>
    </main>
  );
}
