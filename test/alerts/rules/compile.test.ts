import { describe, expect, it } from '@jest/globals';

import type { Evaluator } from '../../../src/alerts/rules/rule.ts';
import { ruleEntrySchema, type WrittenEntry } from '../../../src/alerts/rules/schema.ts';
import type { Tags } from '../../../src/metric/metric.ts';

import { allFields, compile, compileOne, verdicts } from './rule-kit.ts';

describe('stock rules', () => {
  it('all match the fields of the built-in inputs', async () => {
    const { rules, problems } = await compile([], { defaults: 'standard' });
    expect(problems).toEqual([]);
    expect(rules.map(({ id }) => id)).toEqual([
      'mem_low',
      'disk_space',
      'disk_inodes',
      'disk_fill',
      'disk_readonly',
      'docker_down',
      'notify_failing',
      'cpu_high',
      'cpu_iowait',
      'cpu_steal',
      'load_high',
      'mem_pressure',
      'swap_used',
      'swap_io',
      'disk_latency',
      'net_errors',
      'temp_high',
      'docker_unhealthy',
      'docker_restarting',
      'docker_mem',
      'input_failing',
      'series_refused',
      'host_down',
      'site_lost',
      'host_stopped',
      'clock_offset',
      'lines_lost',
    ]);
  });

  it('of the profile minimal are the urgent ones', async () => {
    const { rules } = await compile([], { defaults: 'minimal' });
    expect(rules.map(({ id }) => id)).toEqual([
      'mem_low',
      'disk_space',
      'disk_inodes',
      'disk_fill',
      'disk_readonly',
      'docker_down',
      'notify_failing',
      'host_down',
      'site_lost',
    ]);
  });

  it('are left out if no configured input reports their fields', async () => {
    const known = {
      catalogs: [],
      others: 'none',
      providers: new Map<string, string>(),
      nearest: () => undefined,
    } as const;
    expect(await compile([], { defaults: 'standard', known })).toEqual({ rules: [], problems: [] });
  });

  it('are changed key by key', async () => {
    const { rules, problems } = await compile(
      [{ override: 'cpu_iowait', above: { warning: { at: 60, clear: 40 } }, notify: true }],
      { defaults: 'standard' },
    );
    const changed = rules.find(({ id }) => id === 'cpu_iowait');
    expect(problems).toEqual([]);
    expect(changed).toMatchObject({ notify: true, thresholds: { warning: { at: 60, clear: 40 } } });
    expect(changed?.timing.keepFiringFor).toBe(300_000);
  });

  /** With one CPU, which the condition of the stock rule exempts. */
  const verdictsOfLoad = (evaluator: Evaluator) => {
    evaluator.add(0, 9, 0, {});
    evaluator.add(1, 1, 0, {});
    return evaluator.judge(0)?.reached;
  };

  const overridden = async (override: WrittenEntry) => {
    const { rules, problems } = await compile([override], { defaults: 'standard' });
    const id = 'override' in override ? override.override : '';
    return { rule: rules.find((rule) => rule.id === id), problems };
  };

  it('R-003: keep the other levels, and the other keys of a level', async () => {
    const space = await overridden({ override: 'disk_space', above: { warning: '80%' } });
    expect(space.rule?.thresholds).toEqual({ warning: { at: 80, clear: 75 }, critical: { at: 95, clear: 90 } });
    const cpu = await overridden({ override: 'cpu_high', above: { critical: 99 } });
    expect(cpu.rule?.thresholds).toMatchObject({ warning: { at: 90, clear: 80 }, critical: { at: 99, clear: 94 } });
    expect(cpu.rule?.timing.for).toEqual({ warning: 300_000, critical: 900_000 });
    const clear = await overridden({ override: 'cpu_high', above: { critical: { clear: 95 } } });
    expect(clear.rule?.thresholds.critical).toEqual({ at: 97, clear: 95 });
    expect([...space.problems, ...cpu.problems, ...clear.problems]).toEqual([]);
  });

  it('R-004: keep the other conditions on tags; null removes one', async () => {
    const watched = async (override: WrittenEntry, tags: Tags) =>
      (await overridden(override)).rule?.watch('disk', { host: 'web1', device: 'sda1', ...tags }) !== undefined;
    const narrowed = { override: 'disk_space', where: { path: '!/backup' } };
    expect(await watched(narrowed, { path: '/', fstype: 'ext4' })).toBe(true);
    expect(await watched(narrowed, { path: '/backup', fstype: 'ext4' })).toBe(false);
    expect(await watched(narrowed, { path: '/snap/core', fstype: 'squashfs' })).toBe(false);
    const widened = { override: 'disk_space', where: { fstype: null } };
    expect(await watched(widened, { path: '/snap/core', fstype: 'squashfs' })).toBe(true);
  });

  it('merge nested keys without resetting others to their defaults, and add what they lack', async () => {
    const slow = await overridden({ override: 'swap_io', window: { of: '20m' } });
    const samples = Array.from({ length: 130 }, (_, index) => index * 2 ** 20 * 30);
    expect(slow.problems).toEqual([]);
    // Still a rate, 3 MiB/s.
    expect(verdicts(slow.rule!.createEvaluator(), samples).at(-1)?.value).toBe(3 * 2 ** 20);
    const added = await overridden({ override: 'mem_low', no_data: { do: 'alert' }, labels: { team: 'infra' } });
    expect(added.rule).toMatchObject({
      noData: { after: 600_000, action: 'alert', level: 'warning' },
      labels: { team: 'infra' },
    });
  });

  it('lose a key that is null: a level, a condition, a window, a default', async () => {
    const { rule, problems } = await overridden({
      override: 'cpu_high',
      above: { critical: null },
      window: null,
      keep_firing_for: null,
      context: null,
    });
    expect(problems).toEqual([]);
    expect(rule?.thresholds).toEqual({ warning: { at: 90, clear: 80 } });
    expect(rule?.timing).toMatchObject({ for: { warning: 300_000 }, keepFiringFor: 0 });
    expect(rule?.context).toEqual(['host']);
    expect(verdicts(rule!.createEvaluator(), [1])).toMatchObject([{ reached: 'warning', value: 99 }]);
    const load = await overridden({ override: 'load_high', and: null, notify: null });
    expect(load.rule?.notify).toBe(true);
    expect(load.rule?.watch('system', { host: 'web1' })?.operands.map(({ field }) => field)).toEqual([
      'load5',
      'n_cpus',
    ]);
    expect(verdictsOfLoad(load.rule!.createEvaluator())).toBe('info');
  });

  it.each<[WrittenEntry, object]>([
    [
      { override: 'cpu_high', predict: { window: '6h', within: { warning: '1h' } }, above: null },
      { path: ['rules', 0, 'predict', 'reaches'], message: 'The option "reaches" is missing' },
    ],
    [
      { override: 'cpu_high', above: { info: { for: '1m' } } },
      { path: ['rules', 0, 'above', 'info', 'at'], message: 'The option "at" is missing' },
    ],
    [
      { override: 'cpu_high', below: { warning: 5 } },
      { path: ['rules', 0], message: expect.stringContaining('but has "above" and "below"') },
    ],
    [
      { override: 'cpu_high', above: { warning: 98 } },
      { path: ['rules', 0, 'above', 'critical'], message: expect.stringContaining('must be above the warning') },
    ],
  ])('are not changed by the override %j', async (override, problem) => {
    expect((await overridden(override)).problems).toEqual([expect.objectContaining(problem)]);
  });

  it.each([
    { override: 'cpu_high', window: { of: null } },
    { override: 'cpu_high', above: { critical: { at: null } } },
    { override: 'cpu_high', abov: { critical: 98 } },
    { override: 'cpu_high', window: { off: '5m' } },
  ])('refuse %j', (override) => {
    expect(ruleEntrySchema.safeParse(override).success).toBe(false);
  });

  it.each([
    [{ cpu: 'much' }, { path: ['thresholds', 'cpu'], message: '"much" is not a number in percent' }],
    [{ mem: 120 }, { path: ['thresholds', 'mem'], message: '120 is not a percentage between 0 and 100' }],
    [{ temp: 80 }, { path: ['thresholds', 'temp'], message: 'No configured input reports the measurement "temp"' }],
  ])('report a fault in the thresholds %j', async (thresholds, problem) => {
    const fields = await allFields();
    const known = { ...fields, catalogs: fields.catalogs.filter((catalog) => !('temp' in catalog)) };
    const { problems } = await compile([], { thresholds, known });
    expect(problems).toMatchObject([problem]);
  });

  it('take the warning thresholds of the section thresholds', async () => {
    const { rules, problems } = await compile([], {
      defaults: 'standard',
      thresholds: { cpu: '70%', mem: '80%', disk: 98 },
    });
    const thresholdsOf = (id: string) => rules.find((rule) => rule.id === id)?.thresholds;
    expect(problems).toEqual([]);
    expect(thresholdsOf('cpu_high')).toMatchObject({ warning: { at: 70, clear: 65 }, critical: { at: 97 } });
    expect(thresholdsOf('mem_low')).toMatchObject({ warning: { at: 20, clear: 25 }, critical: { at: 5 } });
    expect(thresholdsOf('disk_space')).toMatchObject({ warning: { at: 98 }, critical: { at: 99 } });
  });
});

describe('a rule is refused', () => {
  it('AL-031: if its clear threshold is on the wrong side, with both numbers', async () => {
    const { problems } = await compile([
      { id: 'r', metric: 'mem.used_percent', above: { warning: { at: 80, clear: 85 } } },
    ]);
    expect(problems).toEqual([
      {
        path: ['rules', 0, 'above', 'warning', 'clear'],
        message: 'The alert could never resolve: "clear" (85) is above the threshold (80)',
        hint: 'choose a value below 80',
      },
    ]);
  });

  it('AL-032: if its levels are in the wrong order', async () => {
    const above = await compile([{ id: 'r', metric: 'mem.used_percent', above: { warning: 90, critical: 80 } }]);
    expect(above.problems[0]?.message).toBe('The critical threshold (80) must be above the warning threshold (90)');
    const below = await compile([{ id: 'r', metric: 'mem.available_percent', below: { warning: 5, critical: 10 } }]);
    expect(below.problems[0]?.message).toBe('The critical threshold (10) must be below the warning threshold (5)');
  });

  it('if no input has the field, with a suggestion', async () => {
    const { problems } = await compile([
      { id: 'a', metric: 'disk.used_percnt', above: { warning: 80 } },
      { id: 'b', metric: 'dsk.used_percent', above: { warning: 80 } },
      { id: 'c', metric: 'disk', above: { warning: 80 } },
    ]);
    expect(problems.map(({ message, hint }) => [message, hint])).toEqual([
      ['The measurement "disk" has no field "used_percnt"', 'did you mean "disk.used_percent"?'],
      ['No configured input reports the measurement "dsk"', 'did you mean "disk"?'],
      ['"disk" is not of the form measurement.field', 'write it like cpu.usage_idle'],
    ]);
  });

  it.each([
    [{ id: 'r' }, 'The rule has neither "metric" nor "when", so there is nothing to evaluate'],
    [
      { id: 'r', metric: 'mem.used' },
      'A rule must have one of "above", "below", "equals", "predict" and "deadman", but has none of them',
    ],
    [
      { id: 'r', metric: 'mem.used', above: { warning: 1 }, below: { warning: 0 } },
      'A rule must have one of "above", "below", "equals", "predict" and "deadman", but has "above" and "below"',
    ],
    [{ id: 'r', metric: 'mem.used', above: {} }, 'At least one level is needed'],
    [{ id: 'r', metric: 'mem.used', above: { warning: '90%' } }, '"90%" is a percentage, but the field is in bytes'],
    [
      { id: 'r', metric: 'system.os', above: { warning: 1 } },
      '"system.os" is a string and cannot be compared with a number',
    ],
    [
      { metric: 'mem.used', above: { warning: 1 } },
      'A rule must have either "id", or "override" with the stock rule that it changes',
    ],
    [{ override: 'cpu_hihg' }, 'There is no stock rule "cpu_hihg"'],
    [
      { id: 'r', metric: 'mem.used', above: { warning: 1 }, summary: '{{ valeu }}' },
      'Invalid template: unknown variable "valeu"; valid: rule, host, level, value, unit, threshold, tags, labels, duration',
    ],
    [
      { id: 'r', metric: 'mem.used', above: { warning: 1 }, where: { host: '~(a' } },
      '"(a" is not a regular expression of RE2: missing closing ): `(a`',
    ],
    [
      { id: 'r', metric: 'mem.used', above: { warning: 1 }, and: { metric: 'swap.used', above: 1 } },
      'The condition is on another measurement ("swap"), so "group_by" must name the tags that both have',
    ],
  ])('%j', async (rule, message) => {
    const { problems } = await compile([rule], { defaults: 'standard' });
    expect(problems.map((problem) => problem.message)).toEqual([message]);
  });

  it('if an expression is invalid, with the position', async () => {
    const { problems } = await compile([
      { id: 'r', when: { warning: 'mem.used_percent > ' } },
      { id: 's', metric: 'mem.used', calc: 'value +* 2', above: { warning: 1 } },
      { id: 't', when: { warning: 'mem.used_percent + 1.0' } },
      { id: 'u', when: { warning: 'system.os.matches("^(a+)+$")' } },
    ]);
    expect(problems.map(({ path }) => path)).toEqual([
      ['rules', 0, 'when', 'warning'],
      ['rules', 1, 'calc'],
      ['rules', 2, 'when', 'warning'],
      ['rules', 3, 'when', 'warning'],
    ]);
    expect(problems[0]?.message).toMatch(/^Invalid expression: .* at character \d+$/);
    expect(problems[2]?.message).toBe('Invalid expression: its type is double, but must be bool');
    expect(problems[3]?.message).toContain('"matches" is not supported');
  });
});

describe('a rule evaluates', () => {
  it('AL-026: which level is reached by `at`, and which is held by `clear`', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'mem.used_percent',
      above: { info: { at: 60, clear: 50 }, warning: { at: 70, clear: 60 }, critical: { at: 80, clear: 70 } },
    });
    const judged = verdicts(rule.createEvaluator(), [61, 73, 64, 85, 62, 56, 47]);
    expect(judged.map((verdict) => [verdict?.reached, verdict?.held])).toEqual([
      ['info', 'warning'],
      ['warning', 'critical'],
      ['info', 'warning'],
      ['critical', 'critical'],
      ['info', 'warning'],
      ['ok', 'info'],
      ['ok', 'ok'],
    ]);
  });

  it('AL-027: a value equal to `at` as not reached, a value equal to `clear` as cleared', async () => {
    const rule = await compileOne({ id: 'r', metric: 'mem.used_percent', above: { warning: { at: 80, clear: 70 } } });
    expect(verdicts(rule.createEvaluator(), [80, 70]).map((verdict) => [verdict?.reached, verdict?.held])).toEqual([
      ['ok', 'warning'],
      ['ok', 'ok'],
    ]);
  });

  it('AL-019: nothing until its window is covered', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'cpu.usage_idle',
      calc: '100 - value',
      window: { of: '1m' },
      above: { warning: 90 },
    });
    const judged = verdicts(rule.createEvaluator(), [5, 5, 5, 5, 5, 5, 5]);
    expect(judged.map((verdict) => verdict?.value)).toEqual([undefined, undefined, undefined, undefined, 95, 95, 95]);
  });

  it('with a second condition on another field', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'disk.used_percent',
      above: { warning: 85 },
      and: { metric: 'disk.free', below: '20GiB' },
    });
    const judge = (used: number, free: number, time: number) => {
      evaluator.add(0, used, time, {});
      evaluator.add(1, free, time, {});
      return evaluator.judge(time)?.reached;
    };
    const evaluator = rule.createEvaluator();
    expect(judge(90, 50 * 2 ** 30, 1)).toBe('ok');
    expect(judge(90, 10 * 2 ** 30, 2)).toBe('warning');
  });

  it('the predicted time until a disk is full', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'disk.free',
      predict: { window: '10m', reaches: 0, within: { warning: '1h', critical: '10m' } },
    });
    const falling = (perStep: number) =>
      verdicts(
        rule.createEvaluator(),
        Array.from({ length: 60 }, (_, index) => 1e9 - index * perStep),
      ).at(-1)?.reached;
    expect(falling(0)).toBe('ok');
    expect(falling(1e6)).toBe('ok');
    expect(falling(5e6)).toBe('warning');
    expect(falling(15e6)).toBe('critical');
  });

  it('the ratio to the baseline', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'net.bytes_recv',
      baseline: { of: '10m', coverage: 0.5 },
      above: { warning: { at: 3, clear: 2 } },
    });
    const usual = Array.from({ length: 60 }, () => 100);
    const judged = verdicts(rule.createEvaluator(), [...usual, 100, 400, 0]);
    expect(judged.slice(0, 30).every((verdict) => verdict === undefined)).toBe(true);
    expect(judged.slice(-3).map((verdict) => [verdict?.reached, verdict?.value])).toEqual([
      ['ok', 1],
      ['warning', 4],
      ['ok', 0],
    ]);
    expect(rule.unit).toBe('');
  });

  it('nothing if the baseline is 0', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'net.err_in',
      baseline: { of: '1m', coverage: 0 },
      above: { warning: 3 },
    });
    expect(verdicts(rule.createEvaluator(), [0, 0, 0, 5])).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('the number of changes in a window', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'docker_container_status.pid',
      window: { of: '1m', fn: 'changes' },
      above: { warning: 2 },
    });
    expect(verdicts(rule.createEvaluator(), [7, 7, 8, 8, 9, 10]).at(-1)).toMatchObject({
      reached: 'warning',
      value: 3,
    });
  });

  it.each([
    [{ deadman: { after: '1m' }, for: '5m' }, 'for'],
    [{ deadman: { after: '1m' }, window: { of: '1m' } }, 'window'],
    [{ equals: { warning: 1 }, calc: 'value' }, 'calc'],
  ] as const)('refuses keys without effect: %j', async (written, key) => {
    const { problems } = await compile([{ id: 'r', metric: 'mem.used_percent', ...written }]);
    expect(problems).toMatchObject([
      { path: ['rules', 0, key], message: expect.stringContaining(`"${key}" has no effect with`) },
    ]);
  });

  it('expressions, and holds a level until its `clear` is true', async () => {
    const rule = await compileOne({
      id: 'r',
      group_by: [],
      when: { warning: 'mem.used_percent > 80 && swap.used_percent > 50' },
      clear: { warning: 'mem.used_percent < 60' },
    });
    const evaluator = rule.createEvaluator();
    const operandOf = (measurement: string) => rule.watch(measurement, { host: 'a' })?.operands[0]?.operand ?? -1;
    const judge = (mem: number, swap: number) => {
      evaluator.add(operandOf('mem'), mem, 0, {});
      evaluator.add(operandOf('swap'), swap, 0, {});
      const verdict = evaluator.judge(0);
      return [verdict?.reached, verdict?.held];
    };
    expect(judge(90, 60)).toEqual(['warning', 'warning']);
    expect(judge(70, 10)).toEqual(['ok', 'warning']);
    expect(judge(50, 60)).toEqual(['ok', 'ok']);
  });

  it('with after_change a bad value only after a good one', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'docker_container_health.health_status',
      equals: { warning: 'unhealthy' },
      after_change: true,
    });
    const states = ['unhealthy', 'healthy', 'unhealthy'];
    expect(verdicts(rule.createEvaluator(), states).map((verdict) => verdict?.reached)).toEqual([
      'ok',
      'ok',
      'warning',
    ]);
    expect(verdicts(rule.createEvaluator(true), ['unhealthy'])[0]?.reached).toBe('warning');
  });
});

describe('a rule watches', () => {
  it('the series that `where` matches, identified by group_by and host', async () => {
    const rule = await compileOne({
      id: 'r',
      metric: 'disk.used_percent',
      where: { fstype: ['!tmpfs', '!nfs*'], path: '!/boot' },
      group_by: ['path'],
      above: { warning: 80 },
    });
    const tags = { host: 'web1', path: '/var', fstype: 'ext4', device: 'sda1' };
    expect(rule.watch('disk', tags)).toEqual({
      identity: { host: 'web1', path: '/var' },
      operands: [{ field: 'used_percent', operand: 0 }],
    });
    expect(rule.watch('disk', { ...tags, fstype: 'nfs4' })).toBeUndefined();
    expect(rule.watch('disk', { ...tags, path: '/boot' })).toBeUndefined();
    expect(rule.watch('cpu', tags)).toBeUndefined();
  });

  it('AL-010: without empty tags in the identity', async () => {
    const rule = await compileOne({ id: 'r', metric: 'disk.free', group_by: ['path', 'label'], below: { warning: 1 } });
    expect(rule.watch('disk', { host: 'a', path: '/', label: '' })?.identity).toEqual({ host: 'a', path: '/' });
  });
});

it('AL-011: a failed template gives the error and the raw values', async () => {
  const rule = await compileOne({
    id: 'r',
    metric: 'mem.used',
    above: { warning: 1 },
    summary: '{{ tags.path | bytes }} of {{ host }} at {{ value }}',
  });
  const facts = {
    rule: 'r',
    host: 'a',
    level: 'warning',
    value: 2048,
    unit: 'bytes',
    threshold: 1,
    tags: { host: 'a' },
    labels: {},
    duration: 0,
    isMissing: false,
  } as const;
  const text = rule.summary(facts);
  expect(text).toContain('of a at 2 KiB');
  expect(text).toContain('[template error: undefined is not a number]');
  expect(text).toContain('"value":2048');
});
