/** The schema of a dashboard that Grafana shows completely, checked at run time. */
import { z } from 'zod';

const dataSource = z.strictObject({
  type: z.enum(['influxdb', 'prometheus', 'grafana']),
  uid: z.enum(['${datasource}', '-- Grafana --']),
});

const refId = z.string().regex(/^(?:[A-Z]\d*|Anno)$/);

const target = z.union([
  z.strictObject({
    refId,
    datasource: dataSource,
    query: z.string().min(1),
    rawQuery: z.literal(true),
    resultFormat: z.enum(['time_series', 'table']),
    alias: z.string().optional(),
    fromAnnotations: z.literal(true).optional(),
    textColumn: z.string().optional(),
    tagsColumn: z.string().optional(),
  }),
  z.strictObject({ refId, datasource: dataSource, query: z.string().min(1) }),
  z.strictObject({
    refId,
    datasource: dataSource,
    expr: z.string().min(1),
    editorMode: z.literal('code'),
    range: z.boolean(),
    instant: z.boolean(),
    format: z.enum(['time_series', 'table']),
    legendFormat: z.string().optional(),
  }),
]);

const gridPos = z
  .strictObject({
    x: z.int().min(0).max(23),
    y: z.int().min(0),
    w: z.int().min(1).max(24),
    h: z.int().min(1),
  })
  .refine(({ x, w }) => x + w <= 24, 'wider than the grid');

/** The first step is the base, for values below the second. */
const thresholds = z.strictObject({
  mode: z.literal('absolute'),
  steps: z
    .tuple(
      [z.strictObject({ value: z.null(), color: z.string() })],
      z.strictObject({ value: z.number(), color: z.string() }),
    )
    .refine(
      ([, ...rest]) => rest.every((step, index) => step.value >= (rest[index - 1]?.value ?? -Infinity)),
      'not ascending',
    ),
});

const panel = z.strictObject({
  id: z.int().min(1),
  gridPos,
  type: z.enum(['timeseries', 'stat', 'table', 'state-timeline']),
  title: z.string().min(1),
  description: z.string().min(1).optional(),
  datasource: dataSource,
  interval: z.string(),
  targets: z.array(target).min(1),
  transformations: z
    .array(
      z.strictObject({
        id: z.string(),
        filter: z.strictObject({ id: z.literal('byRefId'), options: z.string() }).optional(),
        options: z.looseObject({}),
      }),
    )
    .optional(),
  options: z.looseObject({}),
  fieldConfig: z.strictObject({
    defaults: z.looseObject({ thresholds: thresholds.optional(), unit: z.string().min(1).optional() }),
    overrides: z.array(
      z.strictObject({
        matcher: z.strictObject({ id: z.enum(['byName', 'byFrameRefID']), options: z.string() }),
        properties: z.array(z.strictObject({ id: z.string(), value: z.unknown() })).min(1),
      }),
    ),
  }),
});

const row = z.strictObject({
  type: z.literal('row'),
  id: z.int().min(1),
  title: z.string().min(1),
  collapsed: z.literal(false),
  gridPos,
  panels: z.tuple([]),
});

const variable = z.looseObject({
  type: z.enum(['datasource', 'query', 'textbox']),
  name: z.string().regex(/^\w+$/),
  label: z.string().min(1),
});

export const dashboardSchema = z.strictObject({
  uid: z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()).min(1),
  schemaVersion: z.literal(42),
  editable: z.boolean(),
  timezone: z.literal('browser'),
  graphTooltip: z.int().min(0).max(2),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  refresh: z.string(),
  links: z.array(z.looseObject({ type: z.literal('dashboards'), tags: z.array(z.string()).min(1) })),
  templating: z.strictObject({ list: z.array(variable) }),
  annotations: z.strictObject({
    list: z.array(
      z.looseObject({
        name: z.string(),
        datasource: dataSource,
        enable: z.boolean(),
        iconColor: z.string(),
        target: target.or(z.looseObject({ type: z.literal('dashboard') })),
      }),
    ),
  }),
  panels: z.array(panel.or(row)).min(1),
});
