/** What a rule says about its alerts. */
import { describe, expect, it } from '@jest/globals';

import type { Facts } from '../../../src/alerts/rules/rule.ts';
import type { WrittenRule } from '../../../src/alerts/rules/schema.ts';

import { compile, compileOne } from './rule-kit.ts';

const FACTS: Facts = {
  rule: 'r',
  host: 'web1',
  level: 'warning',
  value: 97.26,
  unit: 'percent',
  threshold: 95,
  tags: { host: 'web1', path: '/var', device: 'sda1' },
  labels: {},
  duration: 0,
  isMissing: false,
};

async function summary(rule: Partial<WrittenRule>, facts: Partial<Facts> = {}): Promise<string> {
  const written = { id: 'r', metric: 'disk.used_percent', above: { warning: 95 }, ...rule } as WrittenRule;
  return (await compileOne(written)).summary({ ...FACTS, ...facts });
}

describe('the summary of a rule that has none', () => {
  it('M-009: names the tags that tell apart the alerts of the rule', async () => {
    expect(await summary({})).toBe('disk.used_percent is 97.3 % on web1 (path=/var, device=sda1)');
    expect(await summary({}, { tags: { host: 'web1' } })).toBe('disk.used_percent is 97.3 % on web1');
  });

  it('M-007: says of missing data that none came', async () => {
    expect(await summary({}, { isMissing: true })).toBe('No data from r on web1 (path=/var, device=sda1)');
    const heartbeat = { metric: 'disk.used_percent', above: undefined, deadman: { after: '1h' } };
    expect(await summary(heartbeat, { isMissing: true })).toBe('No data from disk on web1 (path=/var, device=sda1)');
  });
});

it('M-007: a summary about a value does not stand for missing data, unless the rule is about missing data', async () => {
  const text = 'Disk {{ tags.path }} is {{ value }} full';
  expect(await summary({ summary: text })).toBe('Disk /var is 97.3 % full');
  expect(await summary({ summary: text }, { isMissing: true })).toMatch(/^No data from r on web1/);
  const heartbeat = { above: undefined, deadman: { after: '1h' }, summary: 'No backup of {{ host }}' };
  expect(await summary(heartbeat, { isMissing: true })).toBe('No backup of web1');
});

it('M-019: a percentage keeps its unit, also when the template rounds it', async () => {
  expect(await summary({ summary: '{{ value }} full' })).toBe('97.3 % full');
  expect(await summary({ summary: '{{ value | round }} full' })).toBe('97 % full');
  expect(await summary({ summary: '{{ value | round(1) }} % full' })).toBe('97.3 % full');
  expect(await summary({ summary: '{{ value | round }}% of {{ threshold | round }}' })).toBe('97% of 95 %');
  expect(await summary({ summary: '{{ value | round }} jobs' }, { unit: '' })).toBe('97 jobs');
});

it('M-017: a value in a summary does not look equal to its threshold', async () => {
  expect(await summary({ summary: '{{ value }} of {{ threshold }}' }, { value: 95.0000001 })).toBe(
    '95.0000001 % of 95 %',
  );
});

it('M-009: every stock rule that distinguishes alerts by a tag names it', async () => {
  const { rules } = await compile([], { defaults: 'standard' });
  for (const rule of rules) {
    // A host is told apart by its id, and named by its name.
    const names = (rule.groupBy ?? []).filter((name) => name !== 'host_id');
    if (names.length === 0) continue;
    // A rule by pool or device lists the mounts of the worst series.
    const tags = Object.fromEntries([...names, 'path'].map((name) => [name, `the-${name}`]));
    const text = rule.summary({ ...FACTS, rule: rule.id, unit: rule.unit, tags: { host: 'web1', ...tags } });
    expect([rule.id, text]).toEqual([rule.id, expect.stringContaining('the-')]);
  }
});
