/** All charts over one range, the processes of a moment, and what changed in a span. */
import { useComputed, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { SelectionBar, whatChanged } from '../../chart/selection-bar.tsx';
import { zoomTo } from '../../chart/zoom.ts';
import { isPhone } from '../../parts/media.ts';
import { useKeys, type KeyBinding } from '../../shell/keys.ts';
import { useRules } from '../../store/rules.ts';
import { address } from '../../url/location.ts';
import { selection } from '../../url/range.ts';

import { TimeAxis } from './axis.tsx';
import { Changed } from './changed.tsx';
import { Controls } from './controls.tsx';
import { Lane } from './lane.tsx';
import { Dock, Moment } from './moment.tsx';
import { chartsOfAddress } from './named-charts.ts';
import { timeCharts } from './stock-charts.ts';
import { Strip } from './strip.tsx';
import { stripHeight } from './layout.ts';

export function Time(): JSX.Element {
  useKeys(useMemo(timeKeys, []));
  useRules();
  const charts = useComputed(() => [...timeCharts.value, ...chartsOfAddress.value]);
  const height = stripHeight(charts.value.length);
  useScrollToNew(charts.value.length);
  return (
    <main id="main">
      <h1 class="unseen">Time</h1>
      <Controls />
      <div class="tm">
        <div class="card left">
          <Lane />
          {charts.value.map((spec) => (
            <Strip key={spec.id} spec={spec} height={height} />
          ))}
          <TimeAxis />
        </div>
        {!isPhone.value && (
          <aside>
            <Moment />
            <Changed />
          </aside>
        )}
      </div>
      {isPhone.value ? <Dock /> : <SelectionBar />}
    </main>
  );
}

/** A chart that was added is below the others. */
function useScrollToNew(length: number): void {
  const before = useMemo(() => ({ length }), []);
  useSignalEffect(() => {
    const count = address.value.search.getAll('s').length;
    if (count > 0 && before.length !== length) {
      before.length = length;
      requestAnimationFrame(() =>
        document.querySelector('.strip-chart:last-of-type')?.scrollIntoView({ block: 'nearest' }),
      );
    }
  });
}

function timeKeys(): readonly KeyBinding[] {
  return [
    {
      keys: 'z',
      does: 'zoom to the selection',
      run: () => {
        if (selection.value !== undefined) zoomTo(selection.value);
      },
    },
    { keys: 'w', does: 'what changed in the selection', run: whatChanged },
  ];
}
