/** One container: its state and its charts over the range. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { ChartCard, type Headline } from '../../chart/card.tsx';
import type { ChartSpec } from '../../chart/model.ts';
import { SelectionBar } from '../../chart/selection-bar.tsx';
import { count } from '../../format/value.ts';
import { Link } from '../../parts/link.tsx';
import { RangeChoice } from '../../parts/range-choice.tsx';
import { pathOf } from '../../url/route.ts';
import { sets } from '../../store/catalog.ts';
import type { Container } from '../../store/containers.ts';
import { rangeMarkers } from '../../store/events.ts';
import { ContainerState } from '../overview/containers.tsx';

import { containerCharts } from './series.ts';

export function OneContainer({ name, container }: { name: string; container: Container | undefined }): JSX.Element {
  const charts = useMemo(() => containerCharts(name), [name, sets.value]);
  return (
    <>
      <div class="vh">
        <div class="grow">
          <Link class="acc s" to={pathOf({ isOfHost: true, path: 'containers' })}>
            All containers
          </Link>
          <h1 class="cut" title={name}>
            {name}
          </h1>
          <p class="mut cut">{container === undefined ? 'It is gone.' : <Facts container={container} />}</p>
        </div>
        <RangeChoice />
      </div>
      {charts.length === 0 ? (
        sets.value !== undefined && (
          <p class="card empty">Nothing was measured of this container while it did not run.</p>
        )
      ) : (
        <div class="grid2">
          {charts.map((spec) => (
            <ChartCard
              key={`${name} ${spec.id}`}
              spec={spec}
              headline={(values) => sumOf(spec, values)}
              markers={rangeMarkers}
            />
          ))}
        </div>
      )}
      <SelectionBar />
    </>
  );
}

function Facts({ container }: { container: Container }): JSX.Element {
  const { image, restarts } = container;
  return (
    <>
      <ContainerState container={container} />
      {` · ${image}`}
      {restarts > 0 && ` · ${count(restarts, 'restart')}`}
    </>
  );
}

function sumOf({ unit }: ChartSpec, values: readonly number[]): Headline {
  const known = values.filter((value) => Number.isFinite(value));
  return { value: known.length === 0 ? NaN : known.reduce((sum, value) => sum + value, 0), unit };
}
