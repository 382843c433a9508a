/** Alert rules and contact points in the formats of Grafana and Prometheus. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { grafanaContent } from '../../src/commands/grafana/content.ts';
import { exportFiles } from '../../src/grafana/export.ts';
import { SOURCES, type Source } from '../../src/grafana/writers/writer.ts';
import { loadFlux } from '../support/grafana/flux.ts';
import { MACROS } from '../support/grafana/grafana-queries.ts';
import { AMTOOL, checkAlertmanager, checkRules, PROMTOOL } from '../support/servers/promtool.ts';
import { testWith } from '../support/servers/real-server.ts';

interface RuleStep {
  readonly refId: string;
  readonly datasourceUid: string;
  readonly model: Readonly<Record<string, unknown>>;
}

interface Rule {
  readonly uid: string;
  readonly condition: string;
  readonly for: string;
  readonly noDataState: string;
  readonly data: readonly RuleStep[];
  readonly annotations: Readonly<Record<string, string>>;
}

let texts: ReadonlyMap<string, string>;

beforeAll(async () => {
  const content = await grafanaContent();
  texts = new Map(SOURCES.flatMap((source) => exportFiles(content, source)).map(({ path, text }) => [path, text]));
});

const text = (path: string): string => texts.get(path) ?? '';
const rulesOf = (source: Source): readonly Rule[] => {
  const { groups } = parse(text(`${source}/provisioning/alerting/rules.yaml`)) as {
    groups: readonly { rules: Rule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
};
const queryOf = (rule: Rule | undefined) => String(rule?.data[0]?.model['expr'] ?? rule?.data[0]?.model['query']);

describe.each(SOURCES)('Grafana rules in %s', (source) => {
  test('cover CPU, memory, disks and absent hosts', () => {
    const names = ['cpu-busy', 'memory-full', 'disk-filling', 'disk-full', 'host-silent'];
    expect(rulesOf(source).map(({ uid }) => uid)).toEqual(names.map((name) => `healthd-${name}-${source}`));
    expect(rulesOf(source).every(({ uid }) => uid.length <= 40)).toBe(true);
  });

  test('reduce a query of the data source and compare it with a threshold', () => {
    for (const { condition, data } of rulesOf(source)) {
      expect(data.map(({ refId, datasourceUid }) => [refId, datasourceUid])).toEqual([
        ['A', `healthd-${source}`],
        ['B', '__expr__'],
        ['C', '__expr__'],
      ]);
      expect(data.map(({ model }) => model['refId'])).toEqual(['A', 'B', 'C']);
      expect(condition).toBe('C');
    }
  });

  test('contain no dashboard placeholder, and no dollar that the environment would expand', () => {
    for (const rule of rulesOf(source)) {
      const rest = queryOf(rule).match(/\$\{?\w+\}?|\bv\.\w+/g) ?? [];
      expect(rest.filter((placeholder) => !(placeholder in MACROS))).toEqual([]);
      expect(JSON.stringify(rule.annotations)).not.toContain('$');
    }
  });

  test('only one rule fires for missing data', () => {
    const states = rulesOf(source).map(({ noDataState }) => noDataState);
    expect(states).toEqual(['OK', 'OK', 'OK', 'OK', 'Alerting']);
  });
});

test('the Flux compiler of InfluxDB accepts the rules', async () => {
  const flux = await loadFlux();
  for (const rule of rulesOf('flux')) {
    const query = Object.entries(MACROS).reduce(
      (script, [macro, value]) => script.replaceAll(macro, value),
      queryOf(rule),
    );
    expect(query).toContain('from(bucket: "telegraf")');
    expect(flux.problems(query)).toEqual([]);
  }
});

test('an absent host is detected by a count in InfluxQL and by age in PromQL', () => {
  const silent = (source: Source) => rulesOf(source).at(-1);
  expect(queryOf(silent('influxql'))).toContain('count("uptime")');
  expect(queryOf(silent('influxql'))).toContain('GROUP BY time(5m), "host" fill(0)');
  expect(silent('influxql')?.data[2]?.model['conditions']).toEqual([{ evaluator: { type: 'lt', params: [1] } }]);
  expect(queryOf(silent('promql'))).toBe('time() - max by (host) (max_over_time(timestamp(system_uptime)[1d:1m]))');
  expect(silent('promql')?.data[2]?.model['conditions']).toEqual([{ evaluator: { type: 'gt', params: [300] } }]);
});

describe('rules for Prometheus', () => {
  testWith(PROMTOOL)('promtool accepts the rules, including the PromQL rules for Grafana', async () => {
    expect(await checkRules(text('promql/prometheus/rules.yaml'))).toEqual({
      ok: true,
      output: expect.stringContaining('5 rules found'),
    });
    const rules = rulesOf('promql').map((rule) => ({ alert: rule.uid, expr: queryOf(rule) }));
    expect((await checkRules({ groups: [{ name: 'grafana', rules }] })).ok).toBe(true);
  });

  testWith(AMTOOL)('amtool accepts the Alertmanager configuration', async () => {
    expect(await checkAlertmanager(text('promql/prometheus/alertmanager.yaml'))).toEqual({
      ok: true,
      output: expect.stringContaining('1 receivers'),
    });
    expect((await checkAlertmanager('route: { receiver: nobody }')).ok).toBe(false);
  });
});

test('no file holds a secret: secrets come from the environment or another file', () => {
  const secrets = [...texts].flatMap(([path, content]) =>
    content
      .split('\n')
      .filter((line) => /^\s*(?:password|token|httpHeaderValue1|\w*password_file):/i.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(secrets.length).toBeGreaterThan(3);
  for (const line of secrets) expect(line).toMatch(/\$\{\w+\}|_file: \//);
});

test('data sources have the uid that dashboards and rules refer to', () => {
  for (const [path, content] of texts) {
    if (!path.includes('/datasources/')) continue;
    const { datasources } = parse(content) as { datasources: readonly { uid: string; type: string }[] };
    const source = path.split('/')[0] ?? '';
    expect(datasources.map(({ uid, type }) => [uid, type])).toEqual([
      [`healthd-${source}`, source === 'promql' ? 'prometheus' : 'influxdb'],
    ]);
  }
});
