/** The processes of the moment that is shown. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';

import { SelectionBar } from '../../chart/selection-bar.tsx';
import { shownMoment } from '../../chart/cursor.ts';
import { moment } from '../../format/time.ts';
import { Icon } from '../../parts/icon.tsx';
import { ProcessesTable } from '../../parts/processes-table.tsx';
import { agentTime } from '../../store/clock.ts';
import { elsewhere, host } from '../../store/live.ts';
import { shownProcesses } from '../../store/processes-at.ts';
import { pin, pinned, selection } from '../../url/range.ts';

const ROWS = 8;
const PHONE_ROWS = 4;

function useTitle() {
  return useComputed(() =>
    shownMoment.value === undefined ? 'Processes now' : `Processes at ${moment(shownMoment.value, agentTime())}`,
  );
}

export function Moment(): JSX.Element {
  return elsewhere.value === undefined ? <Processes /> : <NoProcesses />;
}

/** They do not travel to a hub. */
function NoProcesses(): JSX.Element {
  return (
    <section class="card moment-card">
      <div class="ch">
        <h2 class="cut">Processes</h2>
      </div>
      <p class="no-frame mut">
        Only {host.value?.name} itself knows its processes; they are on the page of its own agent.
      </p>
    </section>
  );
}

function Processes(): JSX.Element {
  const answer = useComputed(() => shownProcesses.value.answer);
  const isOld = useComputed(() => shownProcesses.value.isOld);
  return (
    <section class="card moment-card">
      <div class="ch">
        <h2 class="cut">{useTitle()}</h2>
        {pinned.value !== undefined && (
          <button
            type="button"
            class="x row"
            onClick={() => {
              pin(undefined);
            }}
          >
            <Icon name="clock" />
            pinned <kbd>Esc</kbd>
          </button>
        )}
      </div>
      <ProcessesTable answer={answer} rows={ROWS} isNarrow={false} isFaded={isOld.value} />
      {answer.value?.at === null && <p class="no-frame mut">No processes were captured then.</p>}
    </section>
  );
}

/** At the bottom of a phone, when a moment is pinned or a span is selected. */
export function Dock(): JSX.Element | null {
  const answer = useComputed(() => shownProcesses.value.answer);
  const isOld = useComputed(() => shownProcesses.value.isOld);
  const title = useTitle();
  if (selection.value !== undefined) return <SelectionBar />;
  if (shownMoment.value === undefined || elsewhere.value !== undefined) return null;
  return (
    <section class="dock" aria-label="Processes">
      <div class="row">
        <h2 class="grow cut">{title}</h2>
        <button
          type="button"
          class="ib"
          aria-label="Unpin"
          onClick={() => {
            pin(undefined);
          }}
        >
          <Icon name="x" />
        </button>
      </div>
      <ProcessesTable answer={answer} rows={PHONE_ROWS} isNarrow isFaded={isOld.value} />
    </section>
  );
}
