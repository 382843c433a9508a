/** Compiles a dashboard definition for one kind of data source to Grafana's JSON. */
import type { MetricCatalog } from '../plugin/index.ts';

import type { DashboardDefinition, PanelDefinition, Section, VariableDefinition } from './definition.ts';
import { flow, type Size } from './layout.ts';
import { dashboardUid } from './naming.ts';
import { panelBody } from './panels.ts';
import type { Dashboard, DashboardLink, Panel, RowPanel, Variable } from './dashboard-json.ts';
import { facts, variableFilters, type Scope } from './scope.ts';
import { selectedDataSource, type Writer } from './writers/writer.ts';

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
 * @param dataSource uid of the preselected data source; Grafana falls back to another if it does not exist
 * @throws Error if a panel names a field that is in no catalog
 */
export function buildDashboard(
  definition: DashboardDefinition,
  writer: Writer,
  catalog: MetricCatalog,
  dataSource: string,
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
    // Shared crosshair.
    graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    links: [dashboardLinks(writer)],
    templating: {
      list: [
        dataSourceVariable(writer, dataSource),
        ...writer.variables,
        ...variables.map((one) => tagVariable(scope, one)),
      ],
    },
    annotations: { list: [NATIVE_ANNOTATIONS, writer.alertAnnotation(variableFilters(scope, 'healthd_alert_event'))] },
    panels: placePanels(scope, sections),
  };
}

/** Places the sections below one another, each under a row with its title. */
function placePanels(scope: Scope, sections: readonly Section[]): readonly (Panel | RowPanel)[] {
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
    const panels = declared.flatMap((panel) => supported(scope, panel));
    const { places, bottom } = flow(panels, sizeOf, y);
    placed.push(...places.map(({ item, gridPos }) => ({ id: (id += 1), gridPos, ...panelBody(scope, item) })));
    y = bottom;
  }
  return placed;
}

/** The panel, or its replacement (if any) on a data source that stores no text. */
function supported({ writer }: Scope, panel: PanelDefinition): readonly PanelDefinition[] {
  if (panel.type !== 'rows' || writer.hasText) return [panel];
  return panel.withoutText === undefined ? [] : [panel.withoutText];
}

function sizeOf({ type, width, height }: PanelDefinition): Size {
  return { width: width ?? SIZES[type].width, height: height ?? SIZES[type].height };
}

function dataSourceVariable({ plugin }: Writer, uid: string): Variable {
  return {
    type: 'datasource',
    name: 'datasource',
    label: 'Data source',
    query: plugin,
    current: { selected: true, text: uid, value: uid },
    refresh: 1,
    hide: 0,
    regex: '',
  };
}

function tagVariable(scope: Scope, { name, label, tag, from, where = [], first }: VariableDefinition): Variable {
  const { measurement, field } = facts(scope, from);
  const others = scope.variables.filter((other) => other.name !== name);
  const query = scope.writer.tagValues({
    measurement,
    field,
    tag,
    // Offers values of the selected hosts only; hosts themselves are not filtered.
    where: [...variableFilters({ ...scope, variables: tag === 'host' ? [] : others }, measurement), ...where],
  });
  return {
    type: 'query',
    name,
    label,
    datasource: selectedDataSource(scope.writer.plugin),
    query,
    definition: typeof query === 'string' ? query : query.query,
    refresh: 2,
    // Alphabetical, case-insensitive.
    sort: 5,
    multi: true,
    includeAll: true,
    allValue: '.*',
    // Without `current` Grafana selects the first value.
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

/** Annotations that users add in Grafana. */
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
