/** Charts of Time, with the limits of the rules in force. */
import { computed } from '@preact/signals';

import { colorAt, diskNames, disks, hasSeries, MOST_LINES, overviewCharts } from '../../chart/host-charts.ts';
import { withLimits } from '../../chart/limits.ts';
import type { ChartSpec } from '../../chart/model.ts';
import { sets } from '../../store/catalog.ts';
import { perEvent } from '../../store/formula.ts';
import { rules } from '../../store/rules.ts';

/** Without those whose series this host does not have. */
export const timeCharts = computed<readonly ChartSpec[]>(() =>
  stockCharts.value.map((spec) => withLimits(spec, rules.value)),
);

const stockCharts = computed<readonly ChartSpec[]>(() => {
  const [cpu, memory, network, throughput, ...others] = overviewCharts.value;
  const all = [cpu, throughput, readTime.value, memory, network, ...others].filter((spec) => spec !== undefined);
  return sets.value === undefined ? all.slice(0, 1) : all.filter((spec) => hasSeries(spec));
});

const readTime = computed((): ChartSpec => ({
  id: 'latency',
  title: 'Time of a read',
  unit: 'ms',
  scale: { kind: 'nice', least: 1 },
  lines: disks.value.slice(0, MOST_LINES).map((name, index) => ({
    label: name,
    color: colorAt(index),
    style: index === 0 ? 'area' : 'line',
    formula: perEvent(diskNames('read_time', [name]), diskNames('reads', [name])),
  })),
  ...moreThan(disks.value.length),
}));

function moreThan(total: number): { more?: number } {
  return total > MOST_LINES ? { more: total - MOST_LINES } : {};
}
