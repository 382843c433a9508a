/** The chart of a single series. */
import type { ChartSpec } from '../../chart/model.ts';
import { setsOf } from '../../store/catalog.ts';
import { gauge, rate } from '../../store/formula.ts';
import { parseSeriesName } from '../../store/series-name.ts';

/** @returns undefined if the text is no name of a series */
export function chartOf(name: string): ChartSpec | undefined {
  const parts = parseSeriesName(name);
  if (parts === undefined) return undefined;
  const field = setsOf(parts.measurement)
    .flatMap(({ fields }) => fields)
    .find((candidate) => candidate.name === parts.field);
  const isCounter = field?.kind === 'counter';
  const unit = field?.unit ?? '';
  const which = Object.values(parts.tags).join(' · ');
  return {
    id: name,
    title: `${parts.measurement}.${parts.field}`,
    unit: isCounter ? (unit === '' ? '/s' : `${unit}/s`) : unit,
    scale: unit === 'percent' && !isCounter ? { kind: 'fixed', min: 0, max: 100 } : { kind: 'nice', least: 0 },
    lines: [
      {
        label: which === '' ? parts.field : which,
        color: 1,
        style: 'area',
        formula: isCounter ? rate(name) : gauge(name),
      },
    ],
  };
}
