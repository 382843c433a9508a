/** A declared dashboard and a data source → the JSON that Grafana takes. */
import type { MetricCatalog } from '../plugin/index.ts';

import type { DashboardDefinition, PanelDefinition, Section, VariableDefinition } from './definition.ts';
import { flow, type Size } from './layout.ts';
import { dashboardUid } from './naming.ts';
import { panelBody } from './panels.ts';
import type { Dashboard, DashboardLink, Panel, RowPanel, Variable } from './schema.ts';
import { facts, variableFilters, type Scope } from './scope.ts';
import { chosenDataSource, type Writer } from './writers/writer.ts';

const SCHEMA_VERSION = 42;
const TAG = 'healthd';

const SIZES: Readonly<Record<PanelDefinition['type'], Size>> = {
  trend: { width: 12, height: 8 },
  tile: { width: 4, height: 4 },
  table: { width: 24, height: 10 },
  timeline: { width: 24, height: 8 },
  rows: { width: 24, height: 9 },
};

/**
 * @param chosen uid of the data source that is chosen at first; Grafana takes another one if it is not there
 * @throws Error if it asks for what no catalog has
 */
export function buildDashboard(
  definition: DashboardDefinition,
  writer: Writer,
  catalog: MetricCatalog,
  chosen: string,
): Dashboard {
  const { name, title, description, variables, sections } = definition;
  const scope: Scope = { writer, catalog, variables };
  return {
    uid: dashboardUid(name, writer.source),
    title: `${title} (${writer.title})`,
    description,
    tags: [TAG, writer.source],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    timezone: 'browser',
    // A crosshair at the same time in all panels.
    graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    links: [dashboardLinks(writer)],
    templating: {
      list: [dataSource(writer, chosen), ...writer.variables, ...variables.map((one) => variable(scope, one))],
    },
    annotations: { list: [NATIVE_ANNOTATIONS, writer.alertAnnotation(variableFilters(scope, 'healthd_alert_event'))] },
    panels: place(scope, sections),
  };
}

/** Sections below one another, each with a row as its title. */
function place(scope: Scope, sections: readonly Section[]): readonly (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let [y, id] = [0, 0];
  for (const { title, panels: declared } of sections) {
    if (title !== undefined) {
      placed.push({
        type: 'row',
        id: (id += 1),
        title,
        collapsed: false,
        gridPos: { x: 0, y, w: 24, h: 1 },
        panels: [],
      });
      y += 1;
    }
    const panels = declared.flatMap((panel) => possible(scope, panel));
    const { places, bottom } = flow(panels, sizeOf, y);
    placed.push(...places.map(({ item, gridPos }) => ({ id: (id += 1), gridPos, ...panelBody(scope, item) })));
    y = bottom;
  }
  return placed;
}

/** What takes the place of a panel that this data source has no answer for. */
function possible({ writer }: Scope, panel: PanelDefinition): readonly PanelDefinition[] {
  if (panel.type !== 'rows' || writer.hasText) return [panel];
  return panel.withoutText === undefined ? [] : [panel.withoutText];
}

function sizeOf({ type, width, height }: PanelDefinition): Size {
  return { width: width ?? SIZES[type].width, height: height ?? SIZES[type].height };
}

function dataSource({ plugin }: Writer, chosen: string): Variable {
  return {
    type: 'datasource',
    name: 'datasource',
    label: 'Data source',
    query: plugin,
    current: { selected: true, text: chosen, value: chosen },
    refresh: 1,
    hide: 0,
    regex: '',
  };
}

function variable(scope: Scope, { name, label, tag, from, where = [], first }: VariableDefinition): Variable {
  const { measurement, field } = facts(scope, from);
  const others = scope.variables.filter((other) => other.name !== name);
  const query = scope.writer.tagValues({
    measurement,
    field,
    tag,
    // Only of the hosts that are chosen; but not of each other.
    where: [...variableFilters({ ...scope, variables: tag === 'host' ? [] : others }, measurement), ...where],
  });
  return {
    type: 'query',
    name,
    label,
    datasource: chosenDataSource(scope.writer.plugin),
    query,
    definition: typeof query === 'string' ? query : query.query,
    refresh: 2,
    // Alphabetical, letters of both cases alike.
    sort: 5,
    multi: true,
    includeAll: true,
    allValue: '.*',
    // Without a choice Grafana takes the first.
    ...(first === 'one' ? {} : { current: { selected: true, text: ['All'], value: ['$__all'] } }),
    regex: '',
    hide: 0,
  };
}

function dashboardLinks({ source }: Writer): DashboardLink {
  return {
    type: 'dashboards',
    title: 'healthd',
    tags: [TAG, source],
    asDropdown: true,
    includeVars: true,
    keepTime: true,
    targetBlank: false,
    icon: 'external link',
    tooltip: '',
    url: '',
  };
}

/** Those that people make by hand. */
const NATIVE_ANNOTATIONS = {
  builtIn: 1,
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  name: 'Annotations & Alerts',
  type: 'dashboard',
  target: { limit: 100, matchAny: false, tags: [], type: 'dashboard' },
} as const;
