/** A dashboard for an input that nobody made one for: a panel for each field, a line for each combination of tags. */
import type { FieldSpec, MetricCatalog, MetricSpec } from '../../plugin/index.ts';
import type { DashboardDefinition, PanelDefinition, Section } from '../definition.ts';

import { HOST } from './parts.ts';

interface Input {
  readonly name: string;
  readonly summary: string;
  readonly metrics: MetricCatalog;
}

/** Undefined for an input without numbers whose names are known. */
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
  const by = ['host', ...Object.keys(tags).filter((tag) => tag !== 'host')];
  const panels = Object.entries(fields)
    .filter(([, { type }]) => isNumber(type))
    .map(([field]): PanelDefinition => ({
      type: 'trend',
      title: field.replaceAll('_', ' '),
      lines: [{ field: `${measurement}.${field}`, by }],
    }));
  return { title: measurement, panels };
}

/** InfluxDB has no mean of what is true or false. */
function isNumber(type: FieldSpec['type']): boolean {
  return type === 'int' || type === 'float';
}
