/** `healthd rules explain`. */
import { describe, expect, it } from '@jest/globals';

import { compile, compileOne } from './rule-kit.ts';

async function explained(id: string): Promise<readonly string[]> {
  const { rules } = await compile([], { defaults: 'standard' });
  return rules.find((rule) => rule.id === id)?.explain() ?? [];
}

describe('R-005: rules explain shows everything that decides', () => {
  it('window and calc, every level with its clear threshold, the earliest time', async () => {
    expect(await explained('cpu_high')).toEqual([
      'cpu_high',
      '  metric: cpu.usage_idle',
      '  where cpu: cpu-total',
      '  calc: 100 - value',
      '  window: mean of 5m, once 80 % of it has samples',
      '  warning: above 90 %, for 5m; cleared when no longer above 80 %',
      '  critical: above 97 %, for 15m; cleared when no longer above 90 %',
      '  fires at the earliest: warning after 9m, critical after 19m (4m to fill the window, then "for")',
      '  one alert per host',
      '  resolved when cleared for 5m',
      '  no data for 10m: keep',
      '  series gone for 10m: resolve',
      '  captured when firing: host, top_cpu, top_memory, containers',
    ]);
  });

  it('conditions with their thresholds for each level, and how series are joined', async () => {
    expect(await explained('disk_space')).toEqual(
      expect.arrayContaining([
        '  of all series of an alert: the max',
        '  only if disk.read_only is below 1 (clears at 2)',
        '  only if disk.free is below 20 GiB (clears at 21 GiB) for warning, 5 GiB (clears at 5.25 GiB) for critical',
        '  one alert per host and pool or device',
      ]),
    );
  });

  it('a prediction', async () => {
    expect(await explained('disk_fill')).toEqual(
      expect.arrayContaining([
        '  prediction: linear, from 6h, once 60 % of it has samples',
        '  warning: reaches 0 B within 1d, for 30m; cleared when it takes longer than 1d6h',
        '  fires at the earliest: warning after 4h6m, critical after 4h6m (3h36m to fill the window, then "for")',
      ]),
    );
  });

  it('a state that must have been good before', async () => {
    expect(await explained('docker_down')).toEqual(
      expect.arrayContaining([
        '  only after a good value',
        '  warning: equals true, at once; cleared when it does not',
        '  fires at the earliest: warning with the first sample',
        '  resolved as soon as it is cleared',
        '  series gone for 1d: resolve',
      ]),
    );
  });

  it('a baseline, a gap, labels, a runbook and repeats', async () => {
    const rule = await compileOne({
      id: 'more',
      metric: 'net.bytes_recv',
      window: { of: '5m', fn: 'rate' },
      baseline: { of: '7d' },
      above: { warning: 3 },
      max_gap: '2m',
      labels: { team: 'net' },
      runbook: 'https://wiki.example.org/net',
      repeat: { warning: '4h' },
      notify: false,
    });
    expect(rule.explain()).toEqual([
      'more',
      '  metric: net.bytes_recv',
      '  window: rate of 5m, once 80 % of it has samples',
      '  compared: the ratio to the mean of the 7d before, once 50 % of it has samples',
      '  warning: above 3, at once; cleared when no longer above 2.85',
      '  fires at the earliest: warning after 3d12h (3d12h to fill the window, then "for")',
      '  one alert per series',
      '  resolved as soon as it is cleared',
      '  a gap of 2m restarts "for"',
      '  no data for 10m: keep',
      '  series gone for 10m: resolve',
      '  warning is repeated every 4h',
      '  captured when firing: host',
      '  labels: {"team":"net"}',
      '  runbook: https://wiki.example.org/net',
      '  no notifications, history only',
    ]);
  });

  it('an expression, and a heartbeat', async () => {
    const cel = await compileOne({
      id: 'cel',
      when: { warning: 'cpu.usage_idle < 5.0' },
      clear: { warning: 'cpu.usage_idle > 20.0' },
      group_by: ['cpu'],
    });
    expect(cel.explain()).toContain(
      '  warning: when cpu.usage_idle < 5.0, at once; cleared when cpu.usage_idle > 20.0',
    );
    const beat = await compileOne({ id: 'beat', metric: 'system.uptime', deadman: { after: '10m' } });
    expect(beat.explain()).toEqual([
      'beat',
      '  metric: system.uptime',
      '  fires at the earliest 10m after the last sample',
      '  one alert per series',
      '  no data for 10m: alert of level critical',
      '  series gone for 14d: resolve',
      '  captured when firing: host',
    ]);
  });
});
