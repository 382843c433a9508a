/** All files for Grafana, as paths relative to the target folder and their contents. */
import { stringify } from 'yaml';

import type { MetricCatalog } from '../plugin/index.ts';

import { grafanaRules, ruleFile, type GrafanaRule } from './alerting/grafana-rules.ts';
import { contactPoints, policies } from './alerting/contact-points.ts';
import { alertmanagerConfiguration, prometheusRules } from './alerting/prometheus.ts';
import { buildDashboard } from './build-dashboard.ts';
import { customDashboard } from './dashboards/custom.ts';
import { dashboards } from './dashboards/index.ts';
import { dataSourceUid } from './naming.ts';
import { dashboardProvider, dataSourceFiles } from './provisioning.ts';
import type { Dashboard } from './dashboard-json.ts';
import type { Scope } from './scope.ts';
import { flux } from './writers/flux.ts';
import { influxql } from './writers/influxql.ts';
import { promql } from './writers/promql.ts';
import type { Source, Writer } from './writers/writer.ts';

export interface GrafanaFile {
  readonly path: string;
  readonly text: string;
}

/** An external input, which gets a generated dashboard. */
export interface CustomInput {
  readonly name: string;
  readonly summary: string;
  readonly metrics: MetricCatalog;
}

export interface Content {
  /** Catalogs of all built-in inputs. */
  readonly catalog: MetricCatalog;
  readonly custom: readonly CustomInput[];
}

const WRITERS: Readonly<Record<Source, Writer>> = { influxql, flux, promql };

/**
 * All dashboards for one kind of data source.
 *
 * @param dataSource uid of the preselected data source
 */
export function allDashboards(
  { catalog, custom }: Content,
  source: Source,
  dataSource = dataSourceUid(source),
): readonly Dashboard[] {
  const writer = WRITERS[source];
  const own = custom.flatMap((input) => {
    const definition = customDashboard(input);
    return definition === undefined ? [] : [{ definition, catalog: { ...catalog, ...input.metrics } }];
  });
  return [
    ...dashboards.map((definition) => buildDashboard(definition, writer, catalog, dataSource)),
    ...own.map((one) => buildDashboard(one.definition, writer, one.catalog, dataSource)),
  ];
}

/** @param dataSource uid of the data source to query */
export function allRules(
  { catalog }: Content,
  source: Source,
  dataSource = dataSourceUid(source),
): readonly GrafanaRule[] {
  return grafanaRules(ruleScope(catalog, source), dataSource);
}

export function exportFiles(content: Content, source: Source): readonly GrafanaFile[] {
  const files = [
    ...allDashboards(content, source).map((dashboard) => ({
      path: `dashboards/${dashboard.uid}.json`,
      text: `${JSON.stringify(dashboard, undefined, 2)}\n`,
    })),
    ...dataSourceFiles(source).map((one) => yamlFile(`datasources/${one.file}.yaml`, one.comment, one.content)),
    yamlFile(
      'provisioning/dashboards/healthd.yaml',
      'Dashboard provider: where Grafana looks for the dashboards.',
      dashboardProvider,
    ),
    yamlFile(
      'provisioning/alerting/rules.yaml',
      'Alert rules that Grafana evaluates. Not needed if healthd evaluates alerts itself.',
      ruleFile(allRules(content, source)),
    ),
    yamlFile(
      'provisioning/alerting/contact-points.yaml',
      'Contact points. Grafana reads the address from its environment and does not start without it.',
      contactPoints,
    ),
    yamlFile(
      'provisioning/alerting/policies.yaml',
      'Notification policies. Caution: Grafana has a single policy tree, and this file replaces it.',
      policies,
    ),
    ...(source === 'promql' ? prometheusFiles(content) : []),
  ];
  return files.map(({ path, text }) => ({ path: `${source}/${path}`, text }));
}

function prometheusFiles({ catalog }: Content): readonly GrafanaFile[] {
  return [
    yamlFile(
      'prometheus/rules.yaml',
      'Alert rules that Prometheus evaluates: add this file to rule_files.',
      prometheusRules(ruleScope(catalog, 'promql')),
    ),
    yamlFile(
      'prometheus/alertmanager.yaml',
      'For Alertmanager. It does not expand environment variables: enter your addresses here, and the password into the file named below.',
      alertmanagerConfiguration(),
    ),
  ];
}

/** Rules have no variables: they cover all hosts. */
function ruleScope(catalog: MetricCatalog, source: Source): Scope {
  return { writer: WRITERS[source], catalog, variables: [] };
}

function yamlFile(path: string, comment: string, content: unknown): GrafanaFile {
  const header = comment.replaceAll(/^/gm, '# ');
  return { path, text: `${header}\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })}` };
}
