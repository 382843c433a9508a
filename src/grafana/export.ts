/** Everything that is written for Grafana, as files: paths relative to one folder, and their texts. */
import type { MetricCatalog } from '../plugin.ts';

import { alertCatalog } from './alert-catalog.ts';
import { buildDashboard } from './build.ts';
import { dashboards } from './dashboards/index.ts';
import type { DashboardDefinition } from './definition.ts';
import type { Dashboard } from './schema.ts';
import { flux } from './writers/flux.ts';
import { influxql } from './writers/influxql.ts';
import { promql } from './writers/promql.ts';
import type { Source, Writer } from './writers/writer.ts';

export interface GrafanaFile {
  readonly path: string;
  readonly text: string;
}

export interface Content {
  /** Of all inputs whose dashboards are written. */
  readonly catalog: MetricCatalog;
}

const WRITERS: Readonly<Record<Source, Writer>> = { influxql, flux, promql };

/** All dashboards for one kind of data source. */
export function allDashboards({ catalog }: Content, source: Source): readonly Dashboard[] {
  const all: MetricCatalog = { ...catalog, ...alertCatalog };
  const definitions: readonly DashboardDefinition[] = dashboards;
  return definitions.map((definition) => buildDashboard(definition, WRITERS[source], all));
}

export function exportFiles(content: Content, source: Source): readonly GrafanaFile[] {
  return allDashboards(content, source).map((dashboard) => ({
    path: `${source}/dashboards/${dashboard.uid}.json`,
    text: json(dashboard),
  }));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
