/** The same queries in three languages. */
import { describe, expect, test } from '@jest/globals';

import type { NewestQuery, Query, RowsQuery } from '../../src/grafana/query.ts';
import type { Target } from '../../src/grafana/dashboard-json.ts';
import { flux } from '../../src/grafana/writers/flux.ts';
import { influxql } from '../../src/grafana/writers/influxql.ts';
import { metricName, promql } from '../../src/grafana/writers/promql.ts';

const QUERY: Query = {
  measurement: 'net',
  field: 'bytes_recv',
  reduce: 'rate',
  by: ['host', 'interface'],
  where: [
    { tag: 'host', variable: 'host' },
    { tag: 'interface', not: 'all' },
  ],
};

const text = (target: Target) => ('expr' in target ? target.expr : target.query);

describe('the rate of a counter', () => {
  test('InfluxQL', () => {
    expect(influxql.series(QUERY, 'A', 'received')).toMatchObject({
      query:
        'SELECT mean("value") FROM (SELECT non_negative_derivative("bytes_recv", 1s) AS "value" FROM "net" ' +
        'WHERE $timeFilter AND "host" =~ /^$host$/ AND "interface" != \'all\' GROUP BY *) ' +
        'WHERE $timeFilter GROUP BY time($__interval), "host", "interface" fill(none)',
      rawQuery: true,
      resultFormat: 'time_series',
      alias: '$tag_host $tag_interface received',
    });
  });

  test('S-001: Flux', () => {
    expect(text(flux.series(QUERY, 'A', 'received')).split('\n  |> ')).toEqual([
      'from(bucket: "${bucket}")',
      'range(start: v.timeRangeStart, stop: v.timeRangeStop)',
      'filter(fn: (r) => r._measurement == "net" and r["host"] =~ /^${host:regex}$/ and r["interface"] != "all")',
      'filter(fn: (r) => r._field == "bytes_recv")',
      'derivative(unit: 1s, nonNegative: true)',
      'aggregateWindow(every: v.windowPeriod, fn: mean, createEmpty: false)',
      'group(columns: ["_field", "host", "interface"])',
      'sort(columns: ["_time"])',
      'keep(columns: ["_time", "_value", "_field", "host", "interface"])',
    ]);
    expect(flux.displayName(QUERY.by, 'received')).toBe('${__field.labels.host} ${__field.labels.interface} received');
  });

  test('PromQL', () => {
    expect(promql.series(QUERY, 'A', 'received')).toMatchObject({
      expr: 'sum by (host, interface) (rate(net_bytes_recv{host=~"$host", interface!="all"}[$__rate_interval]))',
      range: true,
      legendFormat: '{{host}} {{interface}} received',
    });
  });
});

describe('series combined', () => {
  const sum: Query = { ...QUERY, by: ['host'], across: 'sum', where: [] };

  test('InfluxQL sums the rates of the series', () => {
    expect(text(influxql.series(sum, 'A', ''))).toBe(
      'SELECT sum("value") FROM (SELECT mean("value") AS "value" FROM ' +
        '(SELECT non_negative_derivative("bytes_recv", 1s) AS "value" FROM "net" WHERE $timeFilter GROUP BY *) ' +
        'WHERE $timeFilter GROUP BY time($__interval), * fill(none)) ' +
        'WHERE $timeFilter GROUP BY time($__interval), "host" fill(none)',
    );
  });

  test('Flux sums values of equal time', () => {
    const steps = text(flux.series(sum, 'A', '')).split('\n  |> ');
    expect(steps.slice(-5)).toEqual([
      'group(columns: ["_time", "_field", "host"])',
      'sum()',
      'group(columns: ["_field", "host"])',
      'sort(columns: ["_time"])',
      'keep(columns: ["_time", "_value", "_field", "host"])',
    ]);
  });

  test('PromQL sums the rates', () => {
    expect(text(promql.series(sum, 'A', ''))).toBe('sum by (host) (rate(net_bytes_recv[$__rate_interval]))');
  });

  test('all series as one number', () => {
    const all = { ...sum, by: [] };
    expect(text(promql.latest({ ...all, reduce: 'now' }, 'A', 'x'))).toBe('sum (net_bytes_recv)');
    expect(text(influxql.latest({ ...all, reduce: 'now' }, 'A', 'x'))).toBe(
      'SELECT sum("value") AS "x" FROM (SELECT last("bytes_recv") AS "value" FROM "net" WHERE $timeFilter GROUP BY *) WHERE $timeFilter',
    );
  });
});

describe('the newest value for a table', () => {
  const idle: NewestQuery = {
    measurement: 'cpu',
    field: 'usage_idle',
    reduce: 'last',
    by: ['host'],
    where: [{ tag: 'cpu', is: 'cpu-total' }],
    complement: true,
  };

  test('InfluxQL', () => {
    expect(influxql.latest(idle, 'B', 'CPU')).toMatchObject({
      query: `SELECT 100 - last("usage_idle") AS "CPU" FROM "cpu" WHERE $timeFilter AND "cpu" = 'cpu-total' GROUP BY "host"`,
      resultFormat: 'table',
    });
    expect(influxql.columnName('B', 'CPU')).toBe('CPU');
  });

  test('S-010: Flux has one row, whatever other tags the series have', () => {
    expect(
      text(flux.latest(idle, 'B', 'CPU'))
        .split('\n  |> ')
        .slice(4),
    ).toEqual([
      'last()',
      'group(columns: ["host"])',
      'sort(columns: ["_time"])',
      'last()',
      'map(fn: (r) => ({r with _value: 100.0 - float(v: r._value)}))',
      'group()',
      'keep(columns: ["host", "_value"])',
      'rename(columns: {_value: "CPU"})',
    ]);
  });

  test('PromQL', () => {
    expect(promql.latest(idle, 'B', 'CPU')).toMatchObject({
      expr: 'max by (host) (100 - last_over_time(cpu_usage_idle{cpu="cpu-total"}[$__range]))',
      instant: true,
      format: 'table',
    });
    expect(promql.columnName('B', 'CPU')).toBe('Value #B');
  });

  test('`now` skips series that are no longer reported in PromQL', () => {
    const firing = { ...idle, measurement: 'healthd_alert', field: 'firing', where: [], reduce: 'now' } as const;
    const { complement: _, ...query } = firing;
    expect(text(promql.latest(query, 'A', 'x'))).toBe('max by (host) (healthd_alert_firing)');
    expect(text(influxql.latest(query, 'A', 'x'))).toContain('last("firing")');
  });
});

describe('raw points', () => {
  const events: RowsQuery = {
    measurement: 'healthd_alert_event',
    tags: ['host', 'rule'],
    fields: ['message'],
    where: [{ tag: 'rule', variable: 'rule' }],
    points: { all: 10 },
  };

  test('InfluxQL', () => {
    expect(influxql.rows(events, 'A').map(text)).toEqual([
      'SELECT "host", "rule", "message" FROM "healthd_alert_event" WHERE $timeFilter AND "rule" =~ /^$rule$/ ORDER BY time DESC LIMIT 10',
    ]);
  });

  test('Flux treats a missing tag as empty, as InfluxQL does', () => {
    expect(flux.rows(events, 'A').map(text).join()).toContain(
      '(if exists r["rule"] then r["rule"] else "") =~ /^${rule:regex}$/',
    );
  });

  test('PromQL has no text', () => {
    expect(promql.rows(events, 'A')).toEqual([]);
  });
});

describe('names with special characters', () => {
  const odd: Query = {
    measurement: 'linux_sysctl_fs',
    field: 'file-max',
    reduce: 'mean',
    by: [],
    where: [{ tag: "it's", is: `a"b'c\\d` }],
  };

  test('are quoted', () => {
    expect(text(influxql.series(odd, 'A', ''))).toContain(`"it's" = 'a"b\\'c\\\\d'`);
    expect(text(flux.series(odd, 'A', ''))).toContain(`r["it's"] == "a\\"b'c\\\\d"`);
    expect(text(promql.series(odd, 'A', ''))).toBe(`avg (linux_sysctl_fs_file_max{it_s="a\\"b'c\\\\d"})`);
  });

  test('Prometheus metrics do not start with a digit', () => {
    expect(metricName('1wire', 'temp.c')).toBe('_1wire_temp_c');
  });
});
