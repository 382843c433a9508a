/** Generates a dashboard for an external input: one panel per field, one line per combination of tags. */
import type { FieldSpec, MetricCatalog, MetricSpec } from '../../plugin/index.ts';
import type { DashboardDefinition, PanelDefinition, Section } from '../definition.ts';

import { HOST } from './host-variable.ts';

interface Input {
  readonly name: string;
  readonly summary: string;
  readonly metrics: MetricCatalog;
}

/** @returns undefined if the catalog declares no numeric field */
export function customDashboard({ name, summary, metrics }: Input): DashboardDefinition | undefined {
  const sections = Object.entries(metrics)
    .map(([measurement, spec]) => section(measurement, spec))
    .filter(({ panels }) => panels.length > 0);
  if (sections.length === 0) return undefined;
  return {
    name: `input-${name}`,
    title: name,
    description: summary,
    variables: [HOST],
    sections,
  };
}

function section(measurement: string, { tags = {}, fields }: MetricSpec): Section {
  const by = ['host', ...Object.keys(tags).filter((tag) => tag !== 'host' && tag !== '*')];
  const panels = Object.entries(fields)
    .filter(([, { type }]) => isNumber(type))
    .map(([field]): PanelDefinition => ({
      type: 'trend',
      title: field.replaceAll('_', ' '),
      lines: [{ field: `${measurement}.${field}`, by }],
    }));
  return { title: measurement, panels };
}

/** Booleans are excluded: InfluxDB cannot compute their mean. */
function isNumber(type: FieldSpec['type']): boolean {
  return type === 'int' || type === 'float';
}
