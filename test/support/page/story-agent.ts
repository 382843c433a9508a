/** The agent of the story, and what its host is made of. */
import type { AgentAnswer, ConfigAnswer, LogAnswer } from '../../../src/api/agent.ts';
import type { InventoryAnswer } from '../../../src/api/host.ts';

import { MINUTE, storyHost } from './story.ts';

const KIB = 1024;
const MIB = 1024 ** 2;
const DAY = 24 * 60 * MINUTE;

const INPUTS = ['cpu', 'mem', 'disk', 'diskio', 'net', 'system', 'processes', 'kernel', 'temp', 'systemd_units'];

export function storyAgent(now: number): AgentAnswer {
  return {
    version: '0.1.0',
    pid: 771,
    startedAt: storyHost.agent.startedAt,
    configFiles: ['/etc/healthd/healthd.yaml'],
    stateDirectory: '/var/lib/healthd',
    inputs: [
      ...INPUTS.map((plugin, index) => ({
        alias: plugin,
        plugin,
        intervalMs: 10_000,
        lastAt: now - 4000,
        lastMs: 0.8 + index * 1.7,
        metrics: 9200 + index * 311,
        errors: 0,
      })),
      {
        alias: 'docker',
        plugin: 'docker',
        intervalMs: 10_000,
        lastAt: now - 3000,
        lastMs: 61,
        metrics: 41_200,
        errors: 2,
      },
      {
        alias: 'nginx-status',
        plugin: 'http',
        intervalMs: 30_000,
        lastAt: now - 21_000,
        lastMs: 5003,
        metrics: 812,
        errors: 97,
        error: 'http://127.0.0.1:8080/status did not answer within 5 s: connect ECONNREFUSED 127.0.0.1:8080',
      },
    ],
    outputs: [
      {
        alias: 'influxdb',
        plugin: 'influxdb_v2',
        waitingLines: 12_400,
        waitingBytes: 1.9 * MIB,
        lagMs: 4 * MINUTE,
        written: 9_812_344,
        dropped: 0,
        errors: 23,
        error: 'https://influx.example.org answered 503',
      },
      {
        alias: 'prometheus',
        plugin: 'remote_write',
        waitingLines: 0,
        waitingBytes: 0,
        lagMs: 0,
        written: 9_824_744,
        dropped: 0,
        errors: 0,
      },
    ],
    journal: { diskBytes: 214 * MIB, memoryBytes: 320 * KIB, segments: 14, isDegraded: false },
    history: { bytes: 88 * MIB, headBytes: 3.1 * MIB, sets: 412, refused: 0, oldestAt: now - 41 * DAY },
    deadLetters: [{ output: 'influxdb', lines: 18, bytes: 3100 }],
    receivers: [
      { name: 'pagerduty', waiting: 0, sent: 41, failed: 0 },
      {
        name: 'slack-ops',
        waiting: 1,
        sent: 212,
        failed: 3,
        trouble: 'hooks.slack.com answered 503: upstream connect error',
      },
    ],
    memoryBytes: 71 * MIB,
    cpu: 0.42,
  };
}

export function storyLog(now: number): LogAnswer {
  return {
    lines: [
      {
        at: now - 9 * MINUTE,
        level: 'info',
        source: 'agent',
        message: 'healthd 0.1.0 runs with 12 inputs and 2 outputs',
      },
      {
        at: now - 4 * MINUTE,
        level: 'warn',
        source: 'outputs.influxdb',
        message: 'https://influx.example.org answered 503; trying again in 4 s',
      },
      {
        at: now - 3 * MINUTE,
        level: 'error',
        source: 'inputs.http::nginx-status',
        message: 'connect ECONNREFUSED 127.0.0.1:8080',
      },
      { at: now - MINUTE, level: 'debug', source: 'journal', message: 'Segment 214 is sealed' },
    ],
  };
}

export const storyConfig: ConfigAnswer = {
  yaml: [
    'agent:',
    '  interval: 10s',
    'inputs:',
    '  cpu: {}',
    '  mem: {}',
    'outputs:',
    '  influxdb_v2:',
    '    url: https://influx.example.org',
    '    token: <redacted>',
    '',
  ].join('\n'),
};

export function storyInventory(now: number): InventoryAnswer {
  return {
    at: now - 8 * MINUTE,
    sections: [
      {
        title: 'System',
        rows: [
          ['Maker', 'Supermicro'],
          ['Model', 'AS-1115CS-TNR'],
          ['Board', 'H13SSW'],
          ['BIOS', '2.1, 2026-03-14'],
          ['Operating system', 'Debian GNU/Linux 13 (trixie)'],
          ['Kernel', '6.12.41'],
        ],
      },
      {
        title: 'Processor',
        rows: [
          ['Model', 'AMD EPYC 9124 16-Core Processor'],
          ['Cores', '16, 32 threads'],
          ['L3 cache', '64 MiB'],
        ],
      },
      {
        title: 'Memory',
        rows: Array.from({ length: 4 }, (_, slot): [string, string] => [
          `Slot DIMM_${'ABCD'[slot] ?? ''}1`,
          '16 GiB DDR5, 4800 MT/s, Micron',
        ]),
      },
      {
        title: 'Disks',
        rows: [
          ['nvme0n1', '447 GiB, Samsung PM9A3, firmware GDC5602Q'],
          ['nvme1n1', '1.75 TiB, Samsung PM9A3, firmware GDC5602Q'],
          ['sda', '3.6 TiB, Seagate Exos 7E10'],
        ],
      },
      {
        title: 'Network',
        rows: [
          ['eth0', '10 Gbit/s, Intel X710, 3c:ec:ef:aa:01:17'],
          ['eth1', 'no link, Intel X710, 3c:ec:ef:aa:01:18'],
        ],
      },
    ],
  };
}
