/** Parsers of the device inputs accept any text of the kernel, udev or a program, and return only valid values. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { parseMountinfo } from '../../src/plugins/disk/mountinfo.ts';
import { findTargets } from '../../src/plugins/disk/targets.ts';
import { usageOf } from '../../src/plugins/disk/usage.ts';
import { parseDiskstats, rates } from '../../src/plugins/diskio/diskstats.ts';
import { nameFrom, parseUdev } from '../../src/plugins/diskio/udev.ts';
import { atOnce } from '../../src/core/turns.ts';
import { parseJson } from '../../src/plugins/exec/json.ts';
import { parseSpeed } from '../../src/plugins/net/interfaces.ts';
import { parseNetDev } from '../../src/plugins/net/netdev.ts';
import { parseSnmp } from '../../src/plugins/net/snmp.ts';
import { findInputs, parseTemperature, sensorTag } from '../../src/plugins/temp/sensors.ts';

const recorded = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');

/** Any text, or a mutation of the sample. */
function textLike(sample: string): fc.Arbitrary<string> {
  const mutation = fc.record({
    at: fc.nat({ max: sample.length }),
    length: fc.nat({ max: 40 }),
    insert: fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('', '\n', ' ', '\0', '-1', '1e999', ' - ', ':', '=', '\\777'),
    ),
  });
  const mutated = fc
    .array(mutation, { maxLength: 8 })
    .map((mutations) =>
      mutations.reduce((text, { at, length, insert }) => text.slice(0, at) + insert + text.slice(at + length), sample),
    );
  return fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), mutated);
}

function always(sample: string, check: (text: string) => void): void {
  fc.assert(fc.property(textLike(sample), check), { numRuns: 150 });
}

test('H-026: mountinfo', () => {
  const selection = {
    mountPoints: new Set<string>(),
    ignoredTypes: new Set<string>(),
    ignoredOptions: new Set<string>(),
  };
  const roots = {
    sys: '/nowhere/sys',
    dev: '/nowhere/dev',
    run: '/nowhere/run',
    mountPrefix: '/host',
    readOptional: () => '',
  };
  always(recorded('disk/variety/root/proc/1/mountinfo'), (text) => {
    for (const { path, fstype, options } of parseMountinfo(text)) {
      expect(path).not.toBe('');
      expect(fstype).not.toBe('');
      expect(options.length).toBeGreaterThan(0);
    }
    const targets = findTargets(text, text, selection, roots);
    expect(new Set(targets.map(({ statfsPath }) => statfsPath)).size).toBe(targets.length);
    expect(targets.every(({ tags }) => tags.fstype !== 'autofs' && tags.fstype !== '' && tags.path !== '')).toBe(true);
  });
});

test('H-026: statfs', () => {
  const count = fc.double({ min: 0, max: 2 ** 64, noNaN: true }).map(Math.floor);
  const answer = fc.record({ bsize: count, blocks: count, bfree: count, bavail: count, files: count, ffree: count });
  fc.assert(
    fc.property(answer, (statfs) => {
      const usage = usageOf(statfs);
      if (usage === undefined) expect(statfs.bsize * statfs.blocks).toBe(0);
      else expect(Object.values(usage).every(Number.isFinite)).toBe(true);
    }),
  );
});

test('H-026: diskstats', () => {
  const sample = recorded('diskio/variety/root/proc/diskstats');
  const [before] = parseDiskstats(sample);
  always(sample, (text) => {
    for (const { name, counters } of parseDiskstats(text)) {
      expect(name).toMatch(/^\S+$/);
      expect(Object.values(counters).every((value) => value >= 0)).toBe(true);
      const derived = rates(counters, before!.counters, 1000);
      for (const value of Object.values(derived ?? {})) expect(value ?? 0).toBeGreaterThanOrEqual(0);
    }
  });
});

test('H-026: udev', () => {
  always(recorded('diskio/variety/root/run/udev/data/b8:0'), (text) => {
    const properties = parseUdev(text);
    expect([...properties.keys()].every((key) => key !== '' && !key.includes('='))).toBe(true);
    const plain = text.replaceAll('$', '');
    expect(nameFrom(['${NOT_THERE}-x', plain], properties)).toBe(plain);
    expect(nameFrom(['$ID_MODEL'], properties)).toBe(properties.get('ID_MODEL'));
  });
});

test('H-026: /proc/net/dev', () => {
  always(recorded('net/variety/root/proc/net/dev'), (text) => {
    for (const { name, ...counters } of parseNetDev(text)) {
      expect(name).not.toBe('');
      expect(Object.values(counters).every((value) => value >= 0)).toBe(true);
    }
  });
});

test('H-026: /proc/net/snmp and speed', () => {
  always(recorded('net/protocols/root/proc/1/net/snmp'), (text) => {
    for (const name of parseSnmp(text).keys()) expect(name).toBe(name.toLowerCase());
    expect(parseSpeed(text)).toBeGreaterThanOrEqual(-1);
  });
});

test('H-026: sensors', () => {
  always('temp1_input\ntemp1_label\ntemp1_crit_alarm\ntemp10_input\nfan1_input\ntemp1_max', (text) => {
    for (const { prefix, limits } of findInputs(text.split('\n'))) {
      expect(prefix).toMatch(/^temp\d+$/);
      expect(limits).not.toContain('input');
    }
    if (text !== '') expect(sensorTag({ name: text, label: '' }, 'v2')).toBe(text);
    expect(parseTemperature(text) ?? 0).not.toBeNaN();
  });
  always('45000\n', (text) => {
    expect(parseTemperature(text) ?? 0).not.toBeNaN();
  });
});

test('H-026: JSON of programs', () => {
  const rules = {
    name: 'exec',
    nameKey: 'name',
    isTag: (key: string) => key.endsWith('t'),
    isStringField: () => false,
  };
  const check = (text: string) => {
    const { metrics } = atOnce(parseJson(text, rules, 1000));
    for (const { name, fields } of metrics) {
      expect(name).not.toBe('');
      expect(Object.keys(fields).length).toBeGreaterThan(0);
      expect(Object.values(fields).every((value) => typeof value === 'number')).toBe(true);
    }
  };
  always('[{"name":"m","a":1,"b":{"c":[1,2,{"d":null}],"t":"x"}},{"a":true}]', check);
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), check));
  for (const deep of ['['.repeat(200_000), `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`]) check(deep);
});

test('counters that are infinite are no counters', () => {
  const infinite = '9'.repeat(400);
  expect(parseDiskstats(`8 0 sda ${infinite} 1 1 1 1 1 1 1 1 1 1\n`)).toEqual([]);
  expect(parseNetDev(`eth0: ${infinite}${' 1'.repeat(15)}\n`)).toEqual([]);
});
