/** The saved objects for Kibana: whole, with references that lead somewhere, and with fields that documents have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';

import { elasticsearch } from '../src/outputs/elasticsearch/index.ts';
import { indexNamer } from '../src/outputs/elasticsearch/index-name.ts';
import { givenName } from '../src/outputs/elasticsearch/options.ts';
import { compileGlobs } from '../src/plugin/index.ts';
import { inputs } from '../src/plugins/index.ts';

const FILE = join(import.meta.dirname, '..', 'examples', 'kibana', 'saved-objects.ndjson');

const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);
const reference = z.strictObject({ name: z.string(), type: z.string(), id: z.string() });
const searchSource = z.object({
  query: z.object({ query: z.string(), language: z.literal('kuery') }),
  indexRefName: z.string().optional(),
});
const meta = z.strictObject({ searchSourceJSON: json(searchSource) });
const base = {
  id: z.string().min(1),
  migrationVersion: z.record(z.string(), z.string()),
  references: z.array(reference),
};
const attributes = { title: z.string().min(1), description: z.string(), version: z.literal(1) };
const agg = z.strictObject({
  id: z.string(),
  enabled: z.literal(true),
  type: z.enum(['avg', 'count', 'date_histogram', 'terms']),
  schema: z.enum(['metric', 'segment', 'group']),
  params: z.looseObject({ field: z.string().optional(), orderBy: z.string().optional() }),
});
const visState = z.strictObject({
  title: z.string(),
  type: z.enum(['line', 'histogram']),
  aggs: z.array(agg).min(1),
  params: z.looseObject({ seriesParams: z.array(z.looseObject({ data: z.object({ id: z.string() }) })) }),
});
const panel = z.strictObject({
  version: z.string(),
  type: z.enum(['visualization', 'search']),
  gridData: z.strictObject({ x: z.number(), y: z.number(), w: z.number(), h: z.number(), i: z.string() }),
  panelIndex: z.string(),
  embeddableConfig: z.strictObject({}),
  panelRefName: z.string(),
});
const savedObject = z.discriminatedUnion('type', [
  z.strictObject({
    ...base,
    type: z.literal('index-pattern'),
    attributes: z.strictObject({ title: z.string(), timeFieldName: z.literal('@timestamp') }),
  }),
  z.strictObject({
    ...base,
    type: z.literal('visualization'),
    attributes: z.strictObject({
      ...attributes,
      uiStateJSON: json(z.object({})),
      visState: json(visState),
      kibanaSavedObjectMeta: meta,
    }),
  }),
  z.strictObject({
    ...base,
    type: z.literal('search'),
    attributes: z.strictObject({
      ...attributes,
      hits: z.literal(0),
      columns: z.array(z.string()),
      sort: z.array(z.tuple([z.string(), z.enum(['asc', 'desc'])])),
      kibanaSavedObjectMeta: meta,
    }),
  }),
  z.strictObject({
    ...base,
    type: z.literal('dashboard'),
    attributes: z.strictObject({
      ...attributes,
      hits: z.literal(0),
      timeRestore: z.boolean(),
      timeFrom: z.string(),
      timeTo: z.string(),
      refreshInterval: z.strictObject({ pause: z.boolean(), value: z.number() }),
      optionsJSON: json(z.object({})),
      panelsJSON: json(z.array(panel)),
      kibanaSavedObjectMeta: meta,
    }),
  }),
]);
type SavedObject = z.output<typeof savedObject>;

const text = readFileSync(FILE, 'utf8');
const objects = text
  .trimEnd()
  .split('\n')
  .map((line) => savedObject.parse(JSON.parse(line)));

/** Of log records; their inputs have catalogs as well, but whoever writes them may be another program. */
const LOG_FIELDS = ['message', 'log.level', 'tag.level', 'tag.source', 'tag.rule'];

/** Every field that a document may have, as far as the inputs say what they measure. */
async function documentFields(): Promise<ReadonlySet<string>> {
  const fields = new Set(['@timestamp', 'measurement_name', 'tag.host', ...LOG_FIELDS]);
  for (const load of Object.values(inputs)) {
    for (const [name, spec] of Object.entries((await load()).metrics)) {
      for (const tag of Object.keys(spec.tags ?? {})) fields.add(`tag.${tag}`);
      for (const field of Object.keys(spec.fields)) fields.add(`${name}.${field}`);
    }
  }
  return fields;
}

function usedFields({ type, attributes: given }: SavedObject): readonly string[] {
  if (type === 'index-pattern') return [given.timeFieldName];
  const { query } = given.kibanaSavedObjectMeta.searchSourceJSON;
  const queried = [...query.query.matchAll(/([\w.@]+) :/g)].map(([, field = '']) => field);
  if (type === 'search') return [...queried, ...given.columns, ...given.sort.map(([field]) => field)];
  if (type === 'visualization') return [...queried, ...given.visState.aggs.flatMap(({ params }) => params.field ?? [])];
  return queried;
}

test('ends with a newline, and no two objects have one id', () => {
  expect(text.endsWith('}\n')).toBe(true);
  expect(new Set(objects.map(({ id }) => id)).size).toBe(objects.length);
  expect(objects.filter(({ type }) => type === 'dashboard')).toHaveLength(1);
});

describe.each(objects.map((object) => [object.id, object] as const))('%s', (_, object) => {
  test('refers to objects of this file, of the type that it says', () => {
    for (const { id, type } of object.references) {
      expect(objects.find((other) => other.id === id)?.type).toBe(type);
    }
  });

  test('has a reference for each name, and no other', () => {
    const names = namesIn(object);
    expect(object.references.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  test('uses fields that documents have', async () => {
    const known = await documentFields();
    expect(usedFields(object).filter((field) => !known.has(field))).toEqual([]);
  });
});

function namesIn({ type, attributes: given }: SavedObject): readonly string[] {
  if (type === 'index-pattern') return [];
  if (type === 'dashboard') return given.panelsJSON.map(({ panelRefName }) => panelRefName);
  return [given.kibanaSavedObjectMeta.searchSourceJSON.indexRefName ?? 'the index'];
}

test('aggregations and series refer to each other', () => {
  for (const object of objects) {
    if (object.type !== 'visualization') continue;
    const { aggs, params } = object.attributes.visState;
    const metrics = aggs.filter(({ schema }) => schema === 'metric').map(({ id }) => id);
    expect(params.seriesParams.map(({ data }) => data.id)).toEqual(metrics);
    for (const { params: given } of aggs) if (given.orderBy !== undefined) expect(metrics).toContain(given.orderBy);
  }
});

test('panels do not overlap, and stay within the 48 columns', () => {
  const cells = new Set<string>();
  for (const object of objects) {
    if (object.type !== 'dashboard') continue;
    for (const { gridData, panelIndex } of object.attributes.panelsJSON) {
      const { x, y, w, h, i } = gridData;
      expect(i).toBe(panelIndex);
      expect(x + w).toBeLessThanOrEqual(48);
      for (let column = x; column < x + w; column += 1) {
        for (let row = y; row < y + h; row += 1) {
          expect(cells.has(`${column},${row}`)).toBe(false);
          cells.add(`${column},${row}`);
        }
      }
    }
  }
});

test('the data view sees the indices of the output’s default, and data streams', () => {
  const indexOf = indexNamer(givenName(elasticsearch.config.parse({})), 'none');
  const names = [indexOf({ name: 'cpu', tags: {}, fields: { v: 1 }, time: 0n }), 'metrics-healthd-default'];
  const view = objects.find(({ type }) => type === 'index-pattern');
  const isSeen = compileGlobs((view?.attributes.title ?? '').split(','));
  expect(names.filter((name) => !isSeen(name))).toEqual([]);
});
