import { expect, test } from '@jest/globals';

import { fieldFacts, hasTag } from '../../src/grafana/catalog.ts';

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

test('fieldFacts returns unit, help and kind of a field', () => {
  expect(fieldFacts(catalog, 'net.bytes')).toMatchObject({ unit: 'bytes', isCounter: true });
  expect(fieldFacts(catalog, 'net.speed')).toMatchObject({ unit: 'Mbit/s', isCounter: false });
  expect(fieldFacts(catalog, 'net.tcp_resets')).toMatchObject({ help: 'Counters of the kernel', isCounter: true });
  expect(fieldFacts(catalog, 'mem.free')).toMatchObject({ isCounter: false });
});

test('hasTag knows the tags of the catalog, and that every point has a host', () => {
  expect([
    hasTag(catalog, 'net', 'interface'),
    hasTag(catalog, 'net', 'host'),
    hasTag(catalog, 'mem', 'interface'),
  ]).toEqual([true, true, false]);
});

test('fieldFacts rejects fields that no input reports', () => {
  expect(() => fieldFacts(catalog, 'mem.gone')).toThrow('The catalog of "mem" has no field "gone"');
  expect(() => fieldFacts(catalog, 'disk.free')).toThrow('No catalog has the measurement "disk"');
});
