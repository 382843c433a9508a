/** Every dashboard, for every data source. */
import * as units from '@grafana/grafana-foundation-sdk/units';
import { beforeAll, describe, expect, test } from '@jest/globals';

import { grafanaContent } from '../../src/commands/grafana/content.ts';
import { allDashboards } from '../../src/grafana/export.ts';
import { allPanels, listQueries } from '../../src/grafana/list-queries.ts';
import type { Dashboard, GridPos } from '../../src/grafana/dashboard-json.ts';
import { SOURCES, type Source } from '../../src/grafana/writers/writer.ts';
import { loadFlux } from '../support/grafana/flux.ts';
import { dashboardSchema } from '../support/grafana/grafana-schema.ts';
import { substituted } from '../support/grafana/grafana-queries.ts';
import { checkRules, PROMTOOL } from '../support/servers/promtool.ts';
import { testWith } from '../support/servers/real-server.ts';

let dashboards: Readonly<Record<Source, readonly Dashboard[]>>;

beforeAll(async () => {
  const content = await grafanaContent();
  const custom = [
    {
      name: 'queue_depth',
      summary: 'A queue',
      metrics: {
        queue: {
          tags: { queue: 'Its name' },
          fields: {
            depth: { type: 'int', unit: 'messages', help: 'Waiting' },
            handled: { type: 'int', unit: 'messages', kind: 'counter', help: 'Done' },
            state: { type: 'string', help: 'ok or not' },
          },
        },
      },
    },
    {
      name: 'only_text',
      summary: 'Nothing to draw',
      metrics: { words: { fields: { word: { type: 'string', help: 'A word' } } } },
    },
  ] as const;
  const of = (source: Source) => allDashboards({ ...content, custom }, source);
  dashboards = { influxql: of('influxql'), flux: of('flux'), promql: of('promql') };
});

describe.each(SOURCES)('dashboards for %s', (source) => {
  test('there are five built-in dashboards and one for an external input', () => {
    const names = ['fleet', 'host', 'docker', 'alerts', 'healthd', 'input-queue-depth'];
    expect(dashboards[source].map(({ uid }) => uid)).toEqual(names.map((name) => `healthd-${name}-${source}`));
  });

  test('they conform to the schema of Grafana', () => {
    for (const dashboard of dashboards[source]) {
      const { error } = dashboardSchema.safeParse(JSON.parse(JSON.stringify(dashboard)));
      expect({ dashboard: dashboard.uid, issues: error?.issues ?? [] }).toEqual({
        dashboard: dashboard.uid,
        issues: [],
      });
    }
  });

  test('panels do not overlap and have unique ids', () => {
    for (const { uid, panels } of dashboards[source]) {
      const ids = panels.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect({ uid, overlaps: overlaps(panels.map(({ gridPos }) => gridPos)) }).toEqual({ uid, overlaps: [] });
    }
  });

  test('every placeholder is a dashboard variable or built into Grafana', () => {
    for (const dashboard of dashboards[source]) {
      const variables = Object.fromEntries(dashboard.templating.list.map(({ name }) => [name, `value of ${name}`]));
      for (const query of listQueries(dashboard)) {
        const text = substituted(query, variables);
        expect({ place: query.place, rest: text.match(/\$\w+|\$\{|v\.\w+/g) }).toEqual({
          place: query.place,
          rest: null,
        });
      }
    }
  });

  test('query ids are unique within a panel, and overrides refer to existing ones', () => {
    for (const panel of dashboards[source].flatMap(({ panels }) => allPanels(panels))) {
      const names = panel.targets.map(({ refId }) => refId);
      expect(new Set(names).size).toBe(names.length);
      const meant = (panel.fieldConfig?.overrides ?? [])
        .filter(({ matcher }) => matcher.id === 'byFrameRefID')
        .map(({ matcher }) => matcher.options);
      expect(names).toEqual(expect.arrayContaining(meant));
    }
  });

  test('all units exist in Grafana', () => {
    const known: readonly unknown[] = Object.values(units);
    const used = JSON.stringify(dashboards[source]).matchAll(/"unit":"([^"]+)"|"id":"unit","value":"([^"]+)"/g);
    const unknown = Array.from(used, ([, plain, overriding]) => plain ?? overriding).filter(
      (unit) => !known.includes(unit),
    );
    expect(unknown).toEqual([]);
  });

  test('links between dashboards have existing targets', () => {
    const uids = dashboards[source].map(({ uid }) => uid);
    const links = JSON.stringify(dashboards[source]).matchAll(/"\/d\/([^?"]+)/g);
    for (const [, uid] of links) expect(uids).toContain(uid);
  });

  test('a panel of a single field is described by the catalog', () => {
    const host = dashboards[source].find(({ uid }) => uid.startsWith('healthd-host'));
    const busy = allPanels(host?.panels ?? []).find(({ title }) => title === 'Disk busy');
    expect(busy?.description).toBe('Share of time the device was busy');
    expect(busy?.fieldConfig?.defaults).toMatchObject({ unit: 'percent', min: 0, max: 100 });
  });
});

test.each(SOURCES)(
  'hosts are one row each in %s: all times but the displayed one are dropped before the merge',
  (source) => {
    const fleet = dashboards[source].find(({ uid }) => uid.startsWith('healthd-fleet'));
    const hosts = allPanels(fleet?.panels ?? []).find(({ title }) => title === 'Hosts');
    const shown = { influxql: 'Time', flux: 'Last seen', promql: 'Value #A' }[source];
    const [ofSeen, ofOthers, merge, organize] = hosts?.transformations ?? [];
    expect(ofSeen).toMatchObject({ filter: { options: '/^A$/' }, options: { include: { names: ['host', shown] } } });
    expect(ofOthers?.filter).toEqual({ id: 'byRefId', options: '/^(?!A$)/' });
    expect(JSON.stringify(ofOthers?.options)).not.toContain(shown);
    expect(merge).toEqual({ id: 'merge', options: {} });
    expect(organize).toMatchObject({ id: 'organize', options: { renameByName: { [shown]: 'Last seen' } } });
  },
);

test('without text fields, text panels are omitted or replaced by a table of numbers', () => {
  const titles = (source: Source) =>
    dashboards[source].flatMap(({ uid, panels }) =>
      allPanels(panels).map(({ title, type }) => `${uid} ${title} ${type}`),
    );
  expect(titles('influxql')).toContain('healthd-alerts-influxql History table');
  expect(titles('promql').join()).not.toContain('History');
  expect(titles('promql')).toContain('healthd-alerts-promql Firing table');
});

describe('the dashboard of an external input', () => {
  test('has a panel for each number, with a rate for counters', () => {
    const own = dashboards.promql.at(-1);
    const panels = allPanels(own?.panels ?? []);
    expect(panels.map(({ title }) => title)).toEqual(['depth', 'handled']);
    expect(panels.map(({ targets: [target] }) => target)).toEqual([
      expect.objectContaining({ expr: 'avg by (host, queue) (queue_depth{host=~"$host"})' }),
      expect.objectContaining({ expr: 'sum by (host, queue) (rate(queue_handled{host=~"$host"}[$__rate_interval]))' }),
    ]);
  });
});

describe('Flux', () => {
  test('the compiler of InfluxDB accepts every query', async () => {
    const flux = await loadFlux();
    const queries = dashboards.flux.flatMap(listQueries);
    expect(queries.length).toBeGreaterThan(100);
    const refused = queries.flatMap((query) => {
      const problems = flux.problems(substituted(query, { host: '(a|b\\.c)', path: '\\/home' }));
      return problems.length === 0 ? [] : [{ place: query.place, problems }];
    });
    expect(refused).toEqual([]);
  });

  test.each([
    ['a syntax error', 'from(bucket: "x" |> range(start: -1h)'],
    ['an unknown function', 'from(bucket: "x") |> rang(start: -1h)'],
    ['an unknown parameter', 'from(bucket: "x") |> range(start: -1h) |> last(colum: "y")'],
    ['a wrong type', 'from(bucket: "x") |> range(start: -1h) |> limit(n: "many")'],
  ])('the compiler detects %s', async (_, script) => {
    expect((await loadFlux()).problems(script)).not.toEqual([]);
  });
});

describe('PromQL', () => {
  const realTest = testWith(PROMTOOL);

  realTest('promtool accepts every query', async () => {
    const queries = dashboards.promql.flatMap(listQueries).filter(({ purpose }) => purpose !== 'variable');
    expect(queries.length).toBeGreaterThan(100);
    const rules = queries.map((query, index) => ({ record: `query:${index}`, expr: substituted(query) }));
    expect(await checkRules({ groups: [{ name: 'queries', rules }] })).toEqual({
      ok: true,
      output: expect.any(String),
    });
  });

  realTest('promtool detects a syntax error', async () => {
    const rules = [{ record: 'x', expr: 'sum by (host (x)' }];
    expect((await checkRules({ groups: [{ name: 'queries', rules }] })).ok).toBe(false);
  });
});

function overlaps(positions: readonly GridPos[]): readonly string[] {
  return positions.flatMap((a, index) =>
    positions
      .slice(index + 1)
      .filter((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
      .map((b) => `${JSON.stringify(a)} and ${JSON.stringify(b)}`),
  );
}
