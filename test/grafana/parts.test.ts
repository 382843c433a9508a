/** The small pieces: names, units, catalogs. */
import { describe, expect, test } from '@jest/globals';

import { fieldFacts, hasTag } from '../../src/grafana/catalog.ts';
import { dashboardUid, folderUid } from '../../src/grafana/naming.ts';
import { refId } from '../../src/grafana/scope.ts';
import { grafanaUnit } from '../../src/grafana/units.ts';

describe('names', () => {
  test('of dashboards are readable where they fit, and always short enough for Grafana', () => {
    expect(dashboardUid('fleet', 'influxql')).toBe('healthd-fleet-influxql');
    expect(dashboardUid('input-queue_depth', 'promql')).toBe('healthd-input-queue-depth-promql');
    const [one, other] = ['a', 'b'].map((end) => dashboardUid(`input-a_very_long_name_of_a_plugin_${end}`, 'influxql'));
    expect(one).toMatch(/^healthd-input-a-[a-z0-9-]*-[0-9a-f]{8}-influxql$/);
    expect(one).toHaveLength(40);
    expect(one).not.toBe(other);
  });

  test('of folders follow from their titles', () => {
    expect(folderUid('healthd')).toBe('healthd');
    expect(folderUid('Servers & more')).toMatch(/^healthd-[0-9a-f]{8}$/);
    expect(folderUid('Servers & more')).not.toBe(folderUid('Servers'));
  });

  test('of queries go on after the alphabet', () => {
    expect([0, 1, 25, 26, 52].map(refId)).toEqual(['A', 'B', 'Z', 'A1', 'A2']);
  });
});

test.each([
  ['percent', false, 'percent'],
  ['bytes', false, 'bytes'],
  ['bytes', true, 'binBps'],
  ['packets', true, 'pps'],
  ['operations', true, 'iops'],
  ['s', true, 'percentunit'],
  ['us', false, 'µs'],
  ['celsius', false, 'celsius'],
  ['', false, 'none'],
  ['processes', false, 'short'],
  ['metrics', true, 'short'],
] as const)('the unit %j, as a rate: %j, is %s for Grafana', (unit, isRate, expected) => {
  expect(grafanaUnit(unit, isRate)).toBe(expected);
});

describe('a catalog', () => {
  const catalog = {
    net: {
      kind: 'counter',
      tags: { interface: 'Its name' },
      fields: {
        bytes: { type: 'int', unit: 'bytes', help: 'Sent' },
        speed: { type: 'int', unit: 'Mbit/s', kind: 'gauge', help: 'Of the link' },
      },
      dynamic: { type: 'int', help: 'Counters of the kernel' },
    },
    mem: { fields: { free: { type: 'int', unit: 'bytes', help: 'Free' } } },
  } as const;

  test('says what a field is', () => {
    expect(fieldFacts(catalog, 'net.bytes')).toMatchObject({ unit: 'bytes', isCounter: true });
    expect(fieldFacts(catalog, 'net.speed')).toMatchObject({ unit: 'Mbit/s', isCounter: false });
    expect(fieldFacts(catalog, 'net.tcp_resets')).toMatchObject({ help: 'Counters of the kernel', isCounter: true });
    expect(fieldFacts(catalog, 'mem.free')).toMatchObject({ isCounter: false });
  });

  test('knows the tags, and that everything has a host', () => {
    expect([
      hasTag(catalog, 'net', 'interface'),
      hasTag(catalog, 'net', 'host'),
      hasTag(catalog, 'mem', 'interface'),
    ]).toEqual([true, true, false]);
  });

  test('refuses what no input reports', () => {
    expect(() => fieldFacts(catalog, 'mem.gone')).toThrow('The catalog of "mem" has no field "gone"');
    expect(() => fieldFacts(catalog, 'disk.free')).toThrow('No catalog has the measurement "disk"');
  });
});
