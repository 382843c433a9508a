/**
 * Every client of the built agent against one server that misbehaves: the agent's memory stays near its level with peers that are
 * merely down, its other inputs keep their time, and each failure is one line of the log.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { Memberships, newKey } from '../../src/host/hub/membership.ts';
import { notifiers } from '../../src/notifiers/index.ts';
import { outputs } from '../../src/outputs/index.ts';
import { startCli } from '../support/kit/cli.ts';
import { MISBEHAVIOURS, startHostilePeer, type HostilePeer, type Misbehaviour } from '../support/fakes/hostile-peer.ts';
import { freePort, serverFolder } from '../support/servers/real-server.ts';

const RUN_MS = 9000;
/**
 * Buffers of read answers wait for a garbage collection, which V8 begins at 32 MiB of new ones. Seen: at most 68 MiB.
 */
const MAY_GROW_BYTES = 100 * 2 ** 20;
/**
 * Of an input's clock, in 19 of 20 readings, and ever; milliseconds. On an idle machine 200 and 500: the peers take as much of it as
 * the agent, and other tests run beside.
 */
const LATE = { usual: 1000, ever: 4000 };

/** Outputs and notifiers that speak to nobody, or only when they are asked. */
const LOCAL = new Set(['console', 'discard', 'file', 'prometheus', 'exec']);

const KEY = 'SHA256:uNiVztksCsDhcc0u9e8BrXDB1jLIrTcFMcuRTKBVNFw';

const OUTPUTS: Readonly<Record<string, (port: number) => object>> = {
  elasticsearch: (port) => ({ url: `http://127.0.0.1:${port}` }),
  graphite: (port) => ({ address: `tcp://127.0.0.1:${port}` }),
  graylog: (port) => ({ address: `http://127.0.0.1:${port}/gelf` }),
  http: (port) => ({ url: `http://127.0.0.1:${port}/` }),
  // Its address is in `hub.json`.
  hub: () => ({}),
  influxdb: (port) => ({ url: `http://127.0.0.1:${port}`, database: 'telegraf' }),
  kafka: (port) => ({ brokers: [`127.0.0.1:${port}`] }),
  logstash: (port) => ({ address: `127.0.0.1:${port}` }),
  loki: (port) => ({ url: `http://127.0.0.1:${port}` }),
  mqtt: (port) => ({ servers: [`mqtt://127.0.0.1:${port}`] }),
  nats: (port) => ({ servers: [`nats://127.0.0.1:${port}`] }),
  opentelemetry: (port) => ({ url: `http://127.0.0.1:${port}` }),
  prometheus_remote_write: (port) => ({ url: `http://127.0.0.1:${port}/api/v1/write` }),
  sftp: (port) => ({
    host: '127.0.0.1',
    port,
    username: 'a',
    password: 'b',
    remote_path: '/upload',
    local_path: 'upload',
    host_key: [KEY],
  }),
  syslog: (port) => ({ address: `tcp://127.0.0.1:${port}` }),
};

const NOTIFIERS: Readonly<Record<string, (port: number) => object>> = {
  alertmanager: (port) => ({ url: `http://127.0.0.1:${port}` }),
  email: (port) => ({ smtp: `smtp://127.0.0.1:${port}`, from: 'healthd@example.org', to: ['ops@example.org'] }),
  pagerduty: (port) => ({ routing_key: 'key', url: `http://127.0.0.1:${port}/v2/enqueue` }),
  slack: (port) => ({ url: `http://127.0.0.1:${port}/services/T/B/X` }),
  teams: (port) => ({ url: `http://127.0.0.1:${port}/workflows/1` }),
  webhook: (port) => ({ url: `http://127.0.0.1:${port}/hook` }),
};

/** A clock of its own: how late its timer is. */
const CLOCK = `
import { setTimeout as sleep } from 'node:timers/promises';
import { defineInput, z } from 'healthd/plugin';
export default defineInput({
  name: 'clock',
  summary: 'How late a timer is',
  config: z.strictObject({}),
  metrics: { clock: { tags: {}, fields: { late: { type: 'int', unit: 'ms', help: 'Lateness' } } } },
  create: () => ({
    async run(acc, signal) {
      for (;;) {
        const due = performance.now() + 50;
        await sleep(50, undefined, { signal });
        acc.add('clock', { late: Math.round(performance.now() - due) });
      }
    },
  }),
});
`;

interface Observed {
  /** The highest resident memory. Bytes. */
  readonly memory: number;
  /** Lateness, ascending. Milliseconds. */
  readonly late: readonly number[];
  readonly log: readonly string[];
}

function configuration(folder: string, port: number): object {
  const entries = (table: typeof OUTPUTS) =>
    Object.entries(table).map(([name, options]) => [name, options(port)] as const);
  return {
    agent: { interval: '1s', flush_interval: '1s', state_dir: join(folder, 'state'), stop_timeout: '2s' },
    inputs: [
      'mem',
      { './clock.ts': {} },
      { prometheus: { urls: [`http://127.0.0.1:${port}/metrics`] } },
      { docker: { endpoint: `tcp://127.0.0.1:${port}` } },
    ],
    outputs: [
      { file: { path: join(folder, 'metrics.lp'), only: ['clock'] } },
      ...entries(OUTPUTS).map(([name, options]) => ({ [name]: { timeout: '5s', ...options } })),
    ],
    notifiers: Object.fromEntries(entries(NOTIFIERS).map(([name, options]) => [name, { [name]: options }])),
    alerts: {
      rules: [
        {
          id: 'has_memory',
          summary: 'Memory',
          metric: 'mem.used_percent',
          above: { critical: { at: 0.01, clear: 0.001 } },
          for: '0s',
        },
      ],
      route: { notify: Object.keys(NOTIFIERS), group_wait: '0s' },
    },
  };
}

async function observe(port: number): Promise<Observed> {
  const folder = serverFolder('hostile-peers');
  const config = join(folder.path, 'healthd.json');
  writeFileSync(join(folder.path, 'clock.ts'), CLOCK);
  writeFileSync(config, JSON.stringify(configuration(folder.path, port)));
  const membership = { hub: `http://127.0.0.1:${port}`, id: 'a', key: newKey().privateKey };
  await new Memberships(join(folder.path, 'state'), () => ['hub']).write('hub', membership);
  const cli = startCli(['run', '--config', config], { cwd: folder.path });
  try {
    await Promise.race([cli.until(' Started ', 30_000), cli.finished]);
    expect(cli.stderr()).toContain(' Started ');
    const until = performance.now() + RUN_MS;
    let memory = 0;
    while (performance.now() < until) {
      const [, pages = 0] = readFileSync(`/proc/${cli.child.pid ?? 0}/statm`, 'utf8')
        .split(' ')
        .map(Number);
      memory = Math.max(memory, pages * 4096);
      await sleep(50);
    }
    const { stderr, code } = await cli.end();
    // 143 for an agent that is asked to stop while a name look-up or system call hangs.
    expect([0, null, 143]).toContain(code);
    const lines = readFileSync(join(folder.path, 'metrics.lp'), 'utf8').matchAll(/ late=(\d+)i/g);
    const late = Array.from(lines, ([, ms]) => Number(ms)).sort((a, b) => a - b);
    return { memory, late, log: stderr.split('\n').filter((line) => / (warn|error) /.test(line)) };
  } finally {
    await cli.end('SIGKILL');
    folder.remove();
  }
}

/** `healthd grafana push` against the peer: one line that says what is wrong, unless it still waits within its deadline. */
async function push(port: number): Promise<void> {
  const folder = serverFolder('hostile-grafana');
  const env = { GRAFANA_TOKEN: 'token' };
  const cli = startCli(['grafana', 'push', '--source', 'promql', `http://127.0.0.1:${port}`], {
    cwd: folder.path,
    env,
  });
  const ended = await Promise.race([cli.finished, sleep(RUN_MS)]);
  const { code, stderr } = ended ?? (await cli.end('SIGKILL'));
  folder.remove();
  expect(code).not.toBe(0);
  if (ended !== undefined) expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/[^\P{C}\n]/u);
  expect(stderr.length).toBeLessThan(1200);
}

let normal: Observed | undefined;
let peer: HostilePeer | undefined;

beforeAll(async () => {
  normal = await observe(await freePort());
}, 60_000);

afterAll(async () => {
  await peer?.close();
});

test('the table has every output and notifier that speaks to a peer', () => {
  const remote = (names: Readonly<Record<string, unknown>>) => Object.keys(names).filter((name) => !LOCAL.has(name));
  expect(Object.keys(OUTPUTS)).toEqual(remote(outputs));
  expect(Object.keys(NOTIFIERS)).toEqual(remote(notifiers));
});

for (const misbehaviour of Object.keys(MISBEHAVIOURS) as Misbehaviour[]) {
  test(`a peer that is ${misbehaviour} costs its clients a line of the log, and the agent little`, async () => {
    peer = await startHostilePeer(misbehaviour);
    const [{ memory, late, log }] = await Promise.all([observe(peer.port), push(peer.port)]);
    const usual = late[Math.floor(late.length * 0.95)] ?? Infinity;
    const grown = memory - (normal?.memory ?? 0);
    process.stdout.write(
      `${misbehaviour}: ${peer.connections()} connections, memory ${(grown / 2 ** 20).toFixed(0)} MiB over normal, ` +
        `a timer late by ${usual} ms (95 %), ${late.at(-1)} ms (most), ${log.length} lines of the log\n`,
    );
    await peer.close();
    expect(peer.connections()).toBeGreaterThan(Object.keys(OUTPUTS).length);
    expect(grown).toBeLessThan(MAY_GROW_BYTES);
    expect(late.length).toBeGreaterThan(20);
    expect(usual).toBeLessThan(LATE.usual);
    expect(late.at(-1)).toBeLessThan(LATE.ever);
    expect(log.filter((line) => line.length > 1200 || /[^\P{C}]/u.test(line))).toEqual([]);
    const counts = new Map<string, string[]>();
    for (const line of log) {
      const source = /\[([^\]]+)\]/.exec(line)?.[1] ?? '';
      counts.set(source, [...(counts.get(source) ?? []), line]);
    }
    // A client that fails in several ways has a line for each, such as a timeout, a connection and a write.
    const talkative = [...counts].filter(([source, lines]) => !source.startsWith('alerts') && lines.length > 6);
    expect(talkative).toEqual([]);
  }, 60_000);
}
