import { describe, expect, test } from '@jest/globals';

import type { AgentAnswer } from '../../src/api/agent.ts';
import type { FindingsAnswer } from '../../src/api/host.ts';
import { problemsOf } from '../../src/commands/status-problems.ts';
import { statusLines } from '../../src/commands/status-text.ts';

const now = Date.UTC(2026, 0, 2);

const agent: AgentAnswer = {
  version: '1.2.3',
  pid: 812,
  startedAt: now - 3 * 3_600_000,
  configFiles: ['/etc/healthd/healthd.yaml'],
  stateDirectory: '/var/lib/healthd',
  inputs: [
    { alias: 'cpu', plugin: 'cpu', intervalMs: 10_000, lastAt: now - 4000, lastMs: 0.8, metrics: 12_345, errors: 0 },
    { alias: 'docker', plugin: 'docker', intervalMs: 30_000, lastAt: null, lastMs: null, metrics: 0, errors: 2 },
  ],
  outputs: [
    { alias: 'influxdb', plugin: 'influxdb', waitingLines: 12_400, waitingBytes: 9, lagMs: 245_000, written: 1, dropped: 0, errors: 7 }, // prettier-ignore
  ],
  journal: { diskBytes: 1_258_291, memoryBytes: 0, segments: 1, isDegraded: false },
  history: { bytes: 35_651_584, headBytes: 0, sets: 90, refused: 0, oldestAt: now - 14 * 86_400_000 },
  deadLetters: [],
  receivers: [{ name: 'team', waiting: 0, sent: 3, failed: 0 }],
  memoryBytes: 80_000_000,
  cpu: 1.25,
};

const finding: FindingsAnswer['findings'][number] = {
  id: 'disk',
  level: 'warning',
  sentence: [{ name: '/var' }, ' will be full in about 9 h.'],
  evidence: 'Growing by 1 GiB an hour',
  since: null,
};
const found = (...findings: FindingsAnswer['findings']): FindingsAnswer => ({ at: now, fine: 3, findings });

test('U-013: says what runs, where it is, and what each input and output does, on 80 columns', () => {
  const lines = statusLines({ agent, problems: [], address: 'http://127.0.0.1:8400/#abc', now });
  const text = lines.map((line) =>
    line
      .map((piece) => (typeof piece === 'string' ? piece : piece[1]))
      .join('')
      .trimEnd(),
  );
  expect(text.join('\n')).toMatchInlineSnapshot(`
    "healthd 1.2.3 runs: process 812 for 3h, 76.3 MiB, 1.3 % CPU

      Nothing is wrong

      Page       http://127.0.0.1:8400/#abc
      Config     /etc/healthd/healthd.yaml
      Data       /var/lib/healthd: journal 1.2 MiB, history 34 MiB of 14d

      Input   Every    Last    Took  Metrics  Errors
      cpu       10s  4s ago  0.8 ms   12 345       0
      docker    30s       –       –        0       2

      Output    Waiting   Lag  Written  Dropped  Errors
      influxdb   12 400  4m5s        1        0       7"
  `);
  expect(Math.max(...text.map((line) => line.length))).toBeLessThanOrEqual(80);
});

describe('a problem is', () => {
  const texts = (answer: AgentAnswer, findings?: FindingsAnswer) =>
    problemsOf(answer, findings).map(({ text }) => text);

  test('nothing of an agent that works', () => {
    expect(texts(agent, found())).toEqual([]);
  });

  test('said once, also if it is a finding too', () => {
    const [influxdb] = agent.outputs;
    const ill = { ...agent, outputs: [{ ...influxdb!, error: 'refused' }] };
    const same = { ...finding, id: 'output:influxdb', sentence: ['Output influxdb fails'] };
    expect(texts(ill, found(same, finding))).toEqual([
      'Output influxdb: refused; 12 400 lines wait, the oldest for 4m5s',
      '/var will be full in about 9 h. Growing by 1 GiB an hour',
    ]);
    expect(texts(agent, found(same))).toHaveLength(1);
    // One that a reload has removed.
    expect(texts({ ...agent, outputs: [] }, found(same))).toEqual([]);
  });

  test('of an output hub named without a remedy, which the hub has said', () => {
    const hub = {
      ...agent.outputs[0]!,
      alias: 'hub',
      plugin: 'hub',
      error: 'The hub has revoked this host; join again',
    };
    expect(problemsOf({ ...agent, outputs: [hub] }, undefined)).toEqual([
      { text: expect.stringMatching(/^Output hub: The hub has revoked/) },
    ]);
  });

  test('an input, an output or a notifier that fails, a journal without a disk, and refused lines', () => {
    const [cpu, docker] = agent.inputs;
    const [influxdb] = agent.outputs;
    const ill: AgentAnswer = {
      ...agent,
      inputs: [cpu!, { ...docker!, error: 'no socket' }],
      outputs: [{ ...influxdb!, error: 'ECONNREFUSED' }],
      journal: { ...agent.journal, isDegraded: true },
      receivers: [{ name: 'team', waiting: 2, sent: 0, failed: 5, trouble: 'HTTP 404' }],
      deadLetters: [
        { output: 'influxdb', lines: 3, bytes: 10 },
        { output: 'other', lines: 0, bytes: 0 },
      ],
    };
    expect(texts(ill)).toEqual([
      'Output influxdb: ECONNREFUSED; 12 400 lines wait, the oldest for 4m5s',
      'The journal cannot write to its disk, and keeps lines in memory',
      'Notifier team: HTTP 404; 2 alerts wait',
      'Output influxdb has refused 3 lines',
      'Input docker: no socket',
    ]);
  });

  test('a finding, unless it is a note or somebody cares', () => {
    const alert = { fingerprint: 'f', rule: 'r' };
    const findings = found(
      finding,
      { ...finding, level: 'note' },
      { ...finding, alert: { ...alert, acknowledgedBy: 'mk' } },
      { ...finding, alert: { ...alert, silencedUntil: now } },
    );
    expect(texts(agent, findings)).toEqual(['/var will be full in about 9 h. Growing by 1 GiB an hour']);
  });
});
