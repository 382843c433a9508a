/** Tables with one row per host, disk or container, and tables of raw points. */
import type * as sdk from '@grafana/grafana-foundation-sdk/table';

import type { Column, Rows, Table } from './definition.ts';
import { panelHeader, override, thresholds, unitOf } from './field-config.ts';
import { dashboardUid } from './naming.ts';
import type { Json, Override, PanelBody, Transformation } from './dashboard-json.ts';
import { newestQueryOf, refId, variableFilters, type Scope } from './scope.ts';

const CELLS = { align: 'auto', filterable: true } as const satisfies Partial<Json<sdk.FieldConfig>>;
const OPTIONS = { showHeader: true, cellHeight: 'sm', frameIndex: 0 } as const satisfies Json<sdk.Options>;

/** The query for `lastSeen`. */
const SEEN = refId(0);

export function tablePanel(scope: Scope, panel: Table): PanelBody {
  const { writer } = scope;
  const { keys, columns, lastSeen, onlyWhereFirst, linkTo } = panel;
  const by = Object.keys(keys);
  const seen =
    lastSeen === undefined
      ? []
      : [writer.lastSeen(newestQueryOf(scope, { field: lastSeen.field, by }), SEEN, lastSeen.title)];
  const queries = columns.map(({ line, title }, index) => ({
    query: newestQueryOf(scope, { ...line, by }),
    id: refId(seen.length + index),
    title,
  }));
  const names = Object.fromEntries(queries.map(({ id, title }) => [writer.columnName(id, title), title]));
  const seenNames = lastSeen === undefined ? {} : { [writer.seenColumn(SEEN, lastSeen.title)]: lastSeen.title };
  return {
    ...panelHeader(
      scope,
      panel,
      columns.map(({ line, title: label }) => ({ ...line, label })),
    ),
    type: 'table',
    targets: [...seen, ...queries.map(({ query, id, title }) => writer.latest(query, id, title))],
    transformations: tableTransformations(keys, names, seenNames, onlyWhereFirst ? Object.keys(names)[0] : undefined),
    fieldConfig: {
      defaults: { custom: { ...CELLS, inspect: false }, noValue: '–' },
      overrides: [
        ...(linkTo === undefined ? [] : [linkOverride(scope, keys['host'] ?? 'host', linkTo)]),
        ...('level' in keys ? [levelOverride(keys['level'] ?? 'level')] : []),
        ...columns.map((column) => columnOverride(scope, column)),
        ...(lastSeen === undefined ? [] : [override('byName', lastSeen.title, { unit: 'dateTimeFromNow' })]),
      ],
    },
    options: {
      ...OPTIONS,
      sortBy: Object.values(keys)
        .slice(0, 1)
        .map((displayName) => ({ displayName, desc: false })),
    } satisfies Json<sdk.Options>,
  };
}

type Titles = Readonly<Record<string, string>>;

/**
 * Merges the answers, each with the key columns and one value column, into one table. Titles map the column name in the
 * answer to the displayed one, in order.
 *
 * @param seen the column of the query `SEEN`, if any
 * @param condition a column that must be 1, and is then hidden
 */
function tableTransformations(
  keys: Titles,
  columns: Titles,
  seen: Titles,
  condition: string | undefined,
): readonly Transformation[] {
  const titles = { ...keys, ...columns, ...seen };
  const names = Object.keys(titles);
  const is1 = { fieldName: condition, config: { id: 'equal', options: { value: 1 } } };
  return [
    // Rows merge only if all other columns are equal, so time columns are dropped, except the displayed one.
    ...(Object.keys(seen).length === 0
      ? [keepColumns({ ...keys, ...columns })]
      : [keepColumns({ ...keys, ...seen }, `/^${SEEN}$/`), keepColumns({ ...keys, ...columns }, `/^(?!${SEEN}$)/`)]),
    { id: 'merge', options: {} },
    ...(condition === undefined
      ? []
      : [{ id: 'filterByValue', options: { filters: [is1], type: 'include', match: 'any' } }]),
    {
      id: 'organize',
      options: {
        excludeByName: condition === undefined ? {} : { [condition]: true },
        indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
        renameByName: titles,
      },
    },
  ];
}

/** @param queries regular expression of the query ids to apply to; default: all */
function keepColumns(titles: Titles, queries?: string): Transformation {
  return {
    id: 'filterFieldsByName',
    ...(queries === undefined ? {} : { filter: { id: 'byRefId', options: queries } }),
    options: { include: { names: Object.keys(titles) } },
  };
}

export function rowsPanel(scope: Scope, panel: Rows): PanelBody {
  const { query, units = {}, titles = {} } = panel;
  const title = (column: string) => titles[column] ?? column.charAt(0).toUpperCase() + column.slice(1);
  const columns = [...query.tags, ...query.fields];
  const where = [...variableFilters(scope, query.measurement), ...query.where];
  return {
    ...panelHeader(scope, panel, []),
    type: 'table',
    targets: scope.writer.rows({ ...query, where }, 'A'),
    transformations: [
      {
        id: 'organize',
        options: {
          excludeByName: {},
          indexByName: {},
          renameByName: Object.fromEntries(columns.map((column) => [column, title(column)])),
        },
      },
    ],
    fieldConfig: {
      defaults: { custom: { ...CELLS, inspect: true } },
      overrides: [
        levelOverride(title('level')),
        ...Object.entries(units).map(([column, unit]) => override('byName', title(column), { unit })),
      ],
    },
    options: OPTIONS,
  };
}

function columnOverride(scope: Scope, { title, line, unit, min, max, limits, look, noValue }: Column): Override {
  const type = look === 'background' ? 'color-background' : look === 'gauge' ? 'gauge' : limits ? 'color-text' : 'auto';
  return override('byName', title, {
    unit: unit ?? unitOf(scope, { ...line, reduce: 'last' }),
    // No green background for a normal value.
    thresholds: thresholds(limits, look === 'background' ? 'transparent' : undefined),
    'custom.cellOptions': { type, ...(look === undefined ? {} : { mode: 'basic' }) },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(noValue === undefined ? {} : { noValue }),
  });
}

function linkOverride({ writer }: Scope, column: string, dashboard: string): Override {
  const uid = dashboardUid(dashboard, writer.source);
  const carried = ['datasource', ...writer.variables.map(({ name }) => name)].map((name) => `\${${name}:queryparam}`);
  const url = `/d/${uid}?${['var-host=${__value.raw}', ...carried, '${__url_time_range}'].join('&')}`;
  return override('byName', column, { links: [{ title: 'Details of ${__value.text}', url }] });
}

function levelOverride(column: string): Override {
  return override('byName', column, {
    mappings: [
      {
        type: 'value',
        options: {
          // Levels of alerts and of log lines.
          critical: { color: 'red' },
          error: { color: 'red' },
          warning: { color: 'orange' },
          warn: { color: 'orange' },
          info: { color: 'blue' },
        },
      },
    ],
    'custom.cellOptions': { type: 'color-text' },
  });
}
