/** AL-123: tests of rules. */
import { describe, expect, it } from '@jest/globals';

import { trialSchema } from '../../../src/alerts/trial/schema.ts';
import { parseSeries } from '../../../src/alerts/trial/series.ts';
import { runTrial } from '../../../src/alerts/trial/trial.ts';
import { allFields, compile } from '../rules/rule-kit.ts';

async function run(test: object) {
  const known = await allFields();
  const { rules } = await compile(
    [
      {
        id: 'full',
        metric: 'disk.used_percent',
        group_by: ['path'],
        above: { warning: { at: 85, clear: 80 } },
        for: '2m',
        keep_firing_for: '5m',
      },
      { id: 'busy', metric: 'cpu.usage_idle', hosts: { fn: 'share', below: 10 }, above: { warning: 50 } },
    ],
    { known },
  );
  const [parsed] = trialSchema.parse({ tests: [{ name: 'a disk', rule: 'full', interval: '1m', ...test }] }).tests;
  if (parsed === undefined) throw new Error('There is no test');
  return runTrial(parsed, rules, known);
}

const fills = { series: { 'disk.used_percent': '70 86x4 79x10' }, tags: { path: '/var' } };

describe('AL-123: a test of a rule', () => {
  it('passes if the states are as expected', async () => {
    const { differences } = await run({
      ...fills,
      expect: [
        { at: '0s', status: 'ok' },
        { at: '2m', status: 'pending' },
        { at: '3m', status: 'firing', level: 'warning' },
        { at: '6m', status: 'recovering' },
        { at: '12m', status: 'ok' },
      ],
    });
    expect(differences).toEqual([]);
  });

  it('has several hosts for a rule across hosts, and a value that is missing leaves the share', async () => {
    const hosts = {
      web1: { 'cpu.usage_idle': '50x4 5x16' },
      web2: { 'cpu.usage_idle': '50x8 5x12' },
      web3: { 'cpu.usage_idle': '50x20' },
    };
    const { differences, course } = await run({
      rule: 'busy',
      hosts,
      expect: [
        { at: '7m', status: 'ok' },
        { at: '9m', status: 'firing', level: 'warning' },
      ],
    });
    expect(differences).toEqual([]);
    expect(course[0]?.value).toBeCloseTo(66.7, 1);
    const expected = { expect: [{ at: '1m', status: 'ok' }] };
    await expect(run({ hosts, ...expected })).rejects.toThrow('The rule "full" is not across hosts');
    await expect(run(expected)).rejects.toThrow('A test must have either "series" or "hosts"');
    const wrong = { web1: { 'cpu.usage_idl': '1' } };
    await expect(run({ rule: 'busy', hosts: wrong, ...expected })).rejects.toThrow('has no field "usage_idl"');
  });

  it('reports the actual state and the course', async () => {
    const { differences, course } = await run({
      ...fills,
      expect: [
        { at: '2m', status: 'firing' },
        { at: '3m', status: 'firing', level: 'critical' },
      ],
    });
    expect(differences).toMatchObject([
      { expected: { at: 120_000, status: 'firing' }, was: { status: 'pending' } },
      { expected: { level: 'critical' }, was: { status: 'firing', level: 'warning' } },
    ]);
    expect(course.map(({ at, status }) => `${at / 60_000} ${status}`)).toEqual([
      '1 pending',
      '3 firing',
      '5 recovering',
      '10 ok',
    ]);
  });

  it('takes _ as a missing value', async () => {
    const { differences } = await run({
      tags: { path: '/var' },
      series: { 'disk.used_percent': '86 _x20 86' },
      expect: [{ at: '21m', status: 'pending' }],
    });
    expect(differences).toEqual([]);
  });

  it.each([
    [{ rule: 'ful' }, 'There is no rule "ful"', 'did you mean "full"?', ['rule']],
    [
      { series: { 'disk.used_precent': '1' } },
      'The measurement "disk" has no field "used_precent"',
      'did you mean "disk.used_percent"?',
      ['series', 'disk.used_precent'],
    ],
    [
      { series: { 'disk.used_percent': '1 x2' } },
      '"x2" is not a number in percent',
      undefined,
      ['series', 'disk.used_percent'],
    ],
    [
      { series: { 'mem.used_percent': '1' } },
      'The rule "full" matches none of these series',
      'compare "tags" with the "where" of the rule',
      ['series'],
    ],
  ])('is refused for %j', async (test, message, hint, path) => {
    const running = run({ ...fills, expect: [{ at: '1m', status: 'ok' }], ...test });
    await expect(running).rejects.toMatchObject({ message, path, ...(hint === undefined ? {} : { hint }) });
  });
});

describe('a series', () => {
  const int = { type: 'int', help: '', unit: 'bytes' } as const;

  it('is parsed with units, repeats and missing values', () => {
    expect(parseSeries('9GiBx2 _ 10', int)).toEqual([9 * 1024 ** 3, 9 * 1024 ** 3, undefined, 10]);
    expect(parseSeries([1, null, 'x'], undefined)).toEqual([1, undefined, 'x']);
    expect(parseSeries('running exitedx2', { type: 'string', help: '' })).toEqual(['running', 'exited', 'exited']);
  });

  it('has a limit', () => {
    expect(() => parseSeries('1x100001', int)).toThrow('"1x100001" is more than 100000 values');
    expect(() => parseSeries('1x60000 1x60000', int)).toThrow('The series has more than 100000 values');
    // Refused before it is built: this one would take all memory.
    expect(() => parseSeries('1x90000 '.repeat(100_000), int)).toThrow('The series has more than 100000 values');
  });
});
