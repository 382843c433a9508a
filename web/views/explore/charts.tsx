/** The charts of the chosen series. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { ChartCard } from '../../chart/card.tsx';
import { withLimits } from '../../chart/limits.ts';
import { SelectionBar } from '../../chart/selection-bar.tsx';
import { Icon } from '../../parts/icon.tsx';
import { RangeChoice } from '../../parts/range-choice.tsx';
import { sets } from '../../store/catalog.ts';
import { rangeMarkers } from '../../store/events.ts';
import { rules, useRules } from '../../store/rules.ts';
import { address } from '../../url/location.ts';
import { rangeTitle } from '../../url/range-title.ts';

import { chartOf } from '../time/named-charts.ts';

import { MOST_CHOSEN, toggleSeries } from './fields.tsx';

export function ChosenCharts(): JSX.Element {
  useRules();
  const names = [...new Set(address.value.search.getAll('s'))].slice(0, MOST_CHOSEN);
  return (
    <section class="chosen" aria-label="Chosen series">
      <div class="vh">
        <h2 class="grow">{rangeTitle}</h2>
        <RangeChoice />
      </div>
      {names.length === 0 && (
        <div class="card empty">
          <p>No series is chosen.</p>
          <p class="mut">A press on a field draws it here, at most {MOST_CHOSEN} at once. The address holds them.</p>
        </div>
      )}
      <div class="stack">
        {names.map((name) => (
          <One key={name} name={name} />
        ))}
      </div>
      <SelectionBar />
    </section>
  );
}

function One({ name }: { name: string }): JSX.Element {
  const spec = useMemo(() => {
    const known = chartOf(name);
    return known === undefined ? undefined : withLimits(known, rules.value);
  }, [name, sets.value, rules.value]);
  const remove = (
    <button
      type="button"
      class="ib small"
      aria-label={`Remove ${name}`}
      onClick={() => {
        toggleSeries(name);
      }}
    >
      <Icon name="x" />
    </button>
  );
  if (spec === undefined) {
    return (
      <p class="card row unknown-series">
        <Icon name="unk" tone="unk" />
        <span class="grow wrap">The address names a series that cannot be read: {name.slice(0, 80)}</span>
        {remove}
      </p>
    );
  }
  return (
    <ChartCard
      spec={spec}
      headline={(values) => ({ value: values[0] ?? NaN, unit: spec.unit })}
      note={remove}
      markers={rangeMarkers}
    />
  );
}
