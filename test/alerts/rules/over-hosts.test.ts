/** `hosts`: rules across the hosts of a hub. */
import { describe, expect, it } from '@jest/globals';

import type { WrittenRule } from '../../../src/alerts/rules/schema.ts';

import { allFields, compile, compileOne } from './rule-kit.ts';

const busy = {
  id: 'web_busy',
  metric: 'cpu.usage_idle',
  where: { role: 'web', cpu: 'cpu-total' },
  hosts: { fn: 'share', below: '10%' },
  above: { warning: 30 },
} as const satisfies WrittenRule;

async function faults(rule: Omit<WrittenRule, 'id'>, isHub = true): Promise<readonly string[]> {
  const known = { ...(await allFields()), isHub };
  const { problems } = await compile([{ id: 'one', ...rule }], { known });
  return problems.map(({ path, message, hint }) => `${path.slice(2).join('.')}: ${message} → ${hint ?? ''}`);
}

describe('rules across hosts', () => {
  it('say what they count, for how long a value counts, and how many alerts there are', async () => {
    expect((await compileOne({ ...busy, group_by: ['site'] })).explain()).toEqual([
      'web_busy',
      '  metric: cpu.usage_idle',
      '  where role: web',
      '  where cpu: cpu-total',
      '  over hosts: percent of hosts that have a value below 10%',
      '  a value counts for three of its intervals, at least 1m; values gather for 1m after a start',
      '  warning: above 30 %, at once; cleared when no longer above 25 %',
      '  fires at the earliest: warning with the first sample',
      '  one alert per site',
      '  resolved as soon as it is cleared',
      '  no data for 10m: keep',
      '  series gone for 10m: resolve',
    ]);
  });

  it('a number of hosts is cleared at its limit: with three of three, "fewer than three" is over', async () => {
    const rule = await compileOne({
      ...busy,
      hosts: { fn: 'count', below: 10 },
      above: undefined,
      below: { critical: 3 },
    });
    expect(rule.thresholds).toEqual({ critical: { at: 3, clear: 3 } });
    expect(rule.unit).toBe('hosts');
    expect(rule.explain()).toEqual(expect.arrayContaining(['  one alert per rule']));
  });

  it('may be about measurements of inputs that only other hosts have', async () => {
    const known = {
      ...(await allFields()),
      catalogs: [],
      elsewhere: [{ queue: { help: '', tags: {}, fields: { size: { type: 'int', help: '' } } } }],
    } as const;
    const over = { hosts: { fn: 'sum' }, above: { warning: 1000 } } as const;
    const compiled = await compile(
      [
        { id: 'a', metric: 'queue.size', ...over },
        { id: 'b', metric: 'own.thing', ...over },
        { id: 'c', metric: 'queue.sise', ...over },
      ],
      { known },
    );
    expect(compiled.rules.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(compiled.problems).toMatchObject([{ hint: 'did you mean "queue.size"?' }]);
  });

  it('are refused without a hub, by host, and with keys that are about each series', async () => {
    const { id: _, ...rule } = busy;
    expect(await faults(rule, false)).toEqual([
      'hosts: "hosts" is for a hub: this agent sees no other hosts → add the section "hub" if others send to it; otherwise move the rule to the hub',
    ]);
    expect(await faults({ ...rule, group_by: ['site', 'host'] })).toEqual([
      'group_by.1: A rule across hosts cannot be grouped by "host" → remove "hosts" for one alert per host, or group by a tag such as "role"',
    ]);
    expect(await faults({ ...rule, across: 'max' })).toEqual([
      'across: "across" is about each series, so it has no meaning with "hosts" → remove it',
    ]);
    expect(await faults({ ...rule, hosts: { fn: 'share' } })).toEqual([
      'hosts: A share of hosts needs "above", "below" or "equals" → write "above: 90"',
    ]);
    expect(await faults({ ...rule, hosts: { fn: 'sum', above: 3 } })).toEqual([
      'hosts.above: "above" selects hosts to count; it has no meaning with "sum" → ',
    ]);
    expect(await faults({ ...rule, hosts: { fn: 'count', above: 3, equals: 4 } })).toEqual([
      'hosts.equals: "hosts" selects by "above" and "equals"; only one is possible → ',
    ]);
    expect(
      await faults({ ...rule, metric: 'docker_container_health.health_status', where: {}, hosts: { fn: 'max' } }),
    ).toEqual(['metric: "docker_container_health.health_status" is a string → count hosts by "equals"']);
    expect(await faults({ hosts: { fn: 'count' }, when: { warning: 'cpu.usage_idle < 1.0' } })).toEqual([
      'when: "when" is about each series, so it has no meaning with "hosts" → remove it',
    ]);
  });
});
