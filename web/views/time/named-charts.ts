/** Charts of single series that the address names: `?s=diskio.read_bytes{name=nvme1n1}`. */
import { computed } from '@preact/signals';

import { withLimits } from '../../chart/limits.ts';
import type { ChartSpec } from '../../chart/model.ts';
import { sets, setsOf } from '../../store/catalog.ts';
import { rules } from '../../store/rules.ts';
import { gauge, rate } from '../../store/formula.ts';
import { parseSeriesName } from '../../store/series-name.ts';
import { seriesTitle } from '../../store/series-title.ts';
import { address } from '../../url/location.ts';

const MOST = 8;

export const chartsOfAddress = computed<readonly ChartSpec[]>(() => {
  if (sets.value === undefined) return [];
  const names = address.value.search.getAll('s');
  return [...new Set(names)].slice(0, MOST).flatMap((name) => {
    const spec = chartOf(name);
    return spec === undefined ? [] : withLimits(spec, rules.value);
  });
});

export function chartOf(name: string): ChartSpec | undefined {
  const parts = parseSeriesName(name);
  if (parts === undefined) return undefined;
  const field = setsOf(parts.measurement)
    .flatMap(({ fields }) => fields)
    .find((candidate) => candidate.name === parts.field);
  const isCounter = field?.kind === 'counter';
  const unit = field?.unit ?? '';
  const { title, detail } = seriesTitle(name);
  return {
    id: name,
    title: detail === '' ? title : `${title} · ${detail}`,
    unit: isCounter ? (unit === '' ? '/s' : `${unit}/s`) : unit,
    scale: unit === 'percent' && !isCounter ? { kind: 'fixed', min: 0, max: 100 } : { kind: 'nice', least: 0 },
    usual: { name },
    lines: [{ label: parts.field, color: 1, style: 'area', formula: isCounter ? rate(name) : gauge(name) }],
  };
}
