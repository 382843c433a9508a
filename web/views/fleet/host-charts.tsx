/** Charts of one host of the fleet, from the hub's history. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import type { SeriesAnswer } from '../../api/answers.ts';
import { ChartCard, type Headline } from '../../chart/card.tsx';
import type { ChartSpec } from '../../chart/model.ts';
import { NoAnswer } from '../../parts/no-answer.tsx';
import { RangeChoice } from '../../parts/range-choice.tsx';
import { useAsked } from '../../store/asked.ts';

import { chartsOfHost } from './host-series.ts';

const MOST_SETS = 2000;

export function HostCharts({ id }: { id: string }): JSX.Element {
  const asked = useAsked<SeriesAnswer>('series', { host: id, limit: MOST_SETS });
  const charts = useMemo(() => chartsOfHost(id, asked.answer?.sets ?? []), [id, asked.answer]);
  return (
    <section class="host-charts">
      <RangeChoice />
      {asked.answer === undefined && <NoAnswer of={asked} what="The list of series" />}
      {asked.answer !== undefined && charts.length === 0 && (
        <p class="mut">The history of the hub has no CPU, memory, disks or network of this host.</p>
      )}
      {charts.map((spec) => (
        <ChartCard key={`${id} ${spec.id}`} spec={spec} headline={(values) => headlineOf(spec, values)} />
      ))}
    </section>
  );
}

/** Of several disks the fullest, else the sum or the only one. */
function headlineOf({ id, unit }: ChartSpec, values: readonly number[]): Headline {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return { value: NaN, unit };
  if (id === 'disk') return { value: Math.max(...known), unit };
  return { value: known.reduce((sum, value) => sum + value, 0), unit };
}
