/** Declared panels → Grafana's panels, without their places. */
import type { Column, Limits, Line, PanelDefinition, Rows, Table, Tile, Timeline, Trend } from './definition.ts';
import { dashboardUid } from './naming.ts';
import type { FieldConfig, Override, Panel, Thresholds, Transformation } from './schema.ts';
import { facts, queryOf, refId, variableFilters, type Scope } from './scope.ts';
import { grafanaUnit } from './units.ts';
import { chosenDataSource } from './writers/writer.ts';

/** A panel that has no place yet. */
export type PanelBody = Omit<Panel, 'id' | 'gridPos'>;

/** Points that are farther apart are not joined: somebody was silent. */
const SILENCE_MS = 3 * 60_000;

export function panelBody(scope: Scope, panel: PanelDefinition): PanelBody {
  switch (panel.type) {
    case 'trend':
      return trend(scope, panel);
    case 'tile':
      return tile(scope, panel);
    case 'table':
      return table(scope, panel);
    case 'timeline':
      return timeline(scope, panel);
    case 'rows':
      return rows(scope, panel);
  }
}

function trend(scope: Scope, panel: Trend): PanelBody {
  const { lines, isStacked, min, max, limits } = panel;
  return {
    ...common(scope, panel, lines),
    type: 'timeseries',
    targets: lines.map((line, index) => series(scope, line, index)),
    fieldConfig: {
      defaults: {
        ...format(scope, panel, lines),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        color: { mode: 'palette-classic-by-name' },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: isStacked ? 40 : 10,
          showPoints: 'auto',
          spanNulls: SILENCE_MS,
          insertNulls: SILENCE_MS,
          stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
          thresholdsStyle: { mode: limits === undefined ? 'off' : 'dashed' },
        },
      },
      overrides: [...nameOverrides(scope, lines), ...belowOverrides(lines)],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: ['lastNotNull'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

function tile(scope: Scope, panel: Tile): PanelBody {
  const { line, min, max } = panel;
  return {
    ...common(scope, panel, [line]),
    type: 'stat',
    targets: [series(scope, line, 0)],
    fieldConfig: {
      defaults: {
        ...format(scope, panel, [line]),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        color: { mode: 'thresholds' },
        noValue: panel.noValue ?? '–',
      },
      overrides: nameOverrides(scope, [line]),
    },
    options: {
      reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
      colorMode: panel.limits === undefined ? 'none' : 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'auto',
      wideLayout: true,
      showPercentChange: false,
    },
  };
}

function table(scope: Scope, panel: Table): PanelBody {
  const { writer } = scope;
  const { keys, columns, lastSeen, linkTo } = panel;
  const by = Object.keys(keys);
  const seenLine = lastSeen && { field: lastSeen.field, by, reduce: 'last' as const };
  // First, because in InfluxQL its time is the first of the columns of times, "Time 1".
  const seen = seenLine && writer.lastSeen(queryOf(scope, seenLine), 'A', lastSeen.title);
  const targets = columns.map(({ line, title }, index) =>
    writer.latest(queryOf(scope, { ...line, by }), refId(index + 1), title),
  );
  const names = Object.fromEntries(
    columns.map(({ title }, index) => [writer.columnName(refId(index + 1), title), title]),
  );
  const seenNames = lastSeen === undefined ? {} : seenColumn(writer.source, lastSeen.title);
  return {
    ...common(scope, panel, []),
    type: 'table',
    targets: [...(seen ? [seen] : []), ...targets],
    transformations: tableTransformations(panel, { ...keys, ...names, ...seenNames }),
    fieldConfig: {
      defaults: { custom: { align: 'auto', inspect: false, filterable: true }, noValue: '–' },
      overrides: [
        ...(linkTo === undefined ? [] : [linkOverride(scope, keys['host'] ?? 'host', linkTo)]),
        ...('level' in keys ? [levelOverride(keys['level'] ?? 'level')] : []),
        ...columns.map((column) => columnOverride(scope, column)),
        ...(lastSeen === undefined ? [] : [override('byName', lastSeen.title, { unit: 'dateTimeFromNow' })]),
      ],
    },
    options: {
      showHeader: true,
      cellHeight: 'sm',
      frameIndex: 0,
      sortBy: Object.values(keys)
        .slice(0, 1)
        .map((displayName) => ({ displayName, desc: false })),
    },
  };
}

/** One table of several, of which each has the keys and one column more. @param titles as answered → as shown, in order */
function tableTransformations(
  { columns, lastSeen, onlyWhereFirst }: Table,
  titles: Readonly<Record<string, string>>,
): readonly Transformation[] {
  const names = Object.keys(titles);
  const isFiring = {
    fieldName: columns[0]?.title,
    config: { id: 'greaterOrEqual', options: { value: 1 } },
  };
  const chosen = { id: 'filterFieldsByName', options: { include: { names } } };
  return [
    // Rows are one by their keys alone: times, which differ, go first, unless one of them is shown.
    ...(lastSeen === undefined
      ? [chosen, { id: 'merge', options: {} }]
      : [{ id: 'joinByField', options: { byField: names[0], mode: 'outer' } }, chosen]),
    {
      id: 'organize',
      options: {
        excludeByName: {},
        indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
        renameByName: titles,
      },
    },
    ...(onlyWhereFirst
      ? [{ id: 'filterByValue', options: { filters: [isFiring], type: 'include', match: 'any' } }]
      : []),
  ];
}

/** How the time of the newest point is called in the joined answers. */
function seenColumn(source: Scope['writer']['source'], title: string): Readonly<Record<string, string>> {
  switch (source) {
    case 'influxql':
      return { Time: title, 'Time 1': title };
    case 'flux':
      return { [title]: title };
    case 'promql':
      return { 'Value #A': title };
  }
}

function timeline(scope: Scope, panel: Timeline): PanelBody {
  const { line, states } = panel;
  return {
    ...common(scope, panel, [line]),
    type: 'state-timeline',
    targets: [series(scope, line, 0)],
    fieldConfig: {
      defaults: {
        color: { mode: 'thresholds' },
        custom: { fillOpacity: 70, lineWidth: 0, spanNulls: false, insertNulls: SILENCE_MS },
        mappings: [{ type: 'value', options: states }],
        thresholds: thresholds(undefined),
      },
      overrides: nameOverrides(scope, [line]),
    },
    options: {
      showValue: 'never',
      mergeValues: true,
      rowHeight: 0.8,
      alignValue: 'left',
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
      tooltip: { mode: 'single', sort: 'none' },
    },
  };
}

function rows(scope: Scope, panel: Rows): PanelBody {
  const { query, units = {} } = panel;
  const where = [...variableFilters(scope, query.measurement), ...query.where];
  return {
    ...common(scope, panel, []),
    type: 'table',
    targets: scope.writer.rows({ ...query, where }, 'A'),
    fieldConfig: {
      defaults: { custom: { align: 'auto', inspect: true, filterable: true } },
      overrides: [
        levelOverride('level'),
        ...Object.entries(units).map(([column, unit]) => override('byName', column, { unit })),
      ],
    },
    options: { showHeader: true, cellHeight: 'sm', frameIndex: 0 },
  };
}

function common(scope: Scope, { title, help }: PanelDefinition, lines: readonly Line[]) {
  const description = help ?? catalogHelp(scope, lines);
  return {
    title,
    ...(description === '' ? {} : { description }),
    datasource: chosenDataSource(scope.writer.plugin),
  };
}

function catalogHelp(scope: Scope, lines: readonly Line[]): string {
  const helps = lines.map(({ field, label }) => ({ label, help: facts(scope, field).help }));
  const [first] = helps;
  if (helps.length === 1 && first !== undefined) return first.help;
  return helps.map(({ label, help }) => `- ${label ?? ''}: ${help}`).join('\n');
}

function series(scope: Scope, line: Line, index: number) {
  return scope.writer.series(queryOf(scope, line), refId(index), line.label ?? '');
}

interface Formatted {
  readonly unit?: string;
  readonly limits?: Limits;
}

function format(scope: Scope, { unit, limits }: Formatted, [line]: readonly Line[]): FieldConfig {
  return {
    ...(line === undefined ? {} : { unit: unit ?? unitOf(scope, line) }),
    thresholds: thresholds(limits),
  };
}

function unitOf(scope: Scope, line: Line): string {
  return grafanaUnit(facts(scope, line.field).unit, queryOf(scope, line).reduce === 'rate');
}

function thresholds(limits: Limits | undefined): Thresholds {
  if (limits === undefined) return steps('green');
  const [warning, critical] = limits;
  if (critical !== undefined && critical < warning) {
    return steps('red', [critical, 'orange'], [warning, 'green']);
  }
  return steps('green', [warning, 'orange'], ...(critical === undefined ? [] : [[critical, 'red'] as const]));
}

function steps(base: string, ...from: readonly (readonly [value: number, color: string])[]): Thresholds {
  return {
    mode: 'absolute',
    steps: [{ value: null, color: base }, ...from.map(([value, color]) => ({ value, color }))],
  };
}

function override(
  matcher: 'byName' | 'byFrameRefID',
  options: string,
  properties: Readonly<Record<string, unknown>>,
): Override {
  return {
    matcher: { id: matcher, options },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}

function nameOverrides({ writer }: Scope, lines: readonly Line[]): readonly Override[] {
  return lines.flatMap(({ by = ['host'], label = '' }, index) => {
    const displayName = writer.displayName(by, label);
    return displayName === undefined ? [] : [override('byFrameRefID', refId(index), { displayName })];
  });
}

function belowOverrides(lines: readonly Line[]): readonly Override[] {
  return lines.flatMap(({ isBelow }, index) =>
    isBelow ? [override('byFrameRefID', refId(index), { 'custom.transform': 'negative-Y' })] : [],
  );
}

function columnOverride(scope: Scope, { title, line, unit, min, max, limits, look, noValue }: Column): Override {
  const type = look === 'background' ? 'color-background' : look === 'gauge' ? 'gauge' : limits ? 'color-text' : 'auto';
  return override('byName', title, {
    unit: unit ?? unitOf(scope, line),
    thresholds: thresholds(limits),
    'custom.cellOptions': { type, ...(look === undefined ? {} : { mode: 'basic' }) },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(noValue === undefined ? {} : { noValue }),
  });
}

function linkOverride({ writer }: Scope, column: string, dashboard: string): Override {
  const uid = dashboardUid(dashboard, writer.source);
  const url = `/d/${uid}?var-host=\${__value.raw}&\${datasource:queryparam}&\${__url_time_range}`;
  return override('byName', column, { links: [{ title: 'Details of ${__value.text}', url }] });
}

function levelOverride(column: string): Override {
  return override('byName', column, {
    mappings: [
      {
        type: 'value',
        options: { critical: { color: 'red' }, warning: { color: 'orange' }, info: { color: 'blue' } },
      },
    ],
    'custom.cellOptions': { type: 'color-text' },
  });
}
