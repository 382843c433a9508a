/** The docker input with a real daemon, compared with `docker stats` and `docker inspect`. */
import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect } from '@jest/globals';

import { createAccumulator } from '../../src/gather/accumulator.ts';
import type { Metric, StreamInput } from '../../src/plugin/index.ts';
import { docker as plugin } from '../../src/plugins/docker/index.ts';
import { testInput } from '../../src/testing.ts';
import { canStartDocker, dockerTest, IMAGE, startDocker, type DockerServer } from '../support/servers/docker.ts';
import { waitFor } from '../support/servers/real-server.ts';

const MiB = 1024 * 1024;

let server: DockerServer;

beforeAll(async () => {
  if (!canStartDocker) return;
  server = await startDocker();
  const start = (name: string, args: readonly string[], ...command: readonly string[]) =>
    server.docker('run', '--detach', '--name', name, ...args, IMAGE, ...command);
  await start('busy', [], 'sh', '-c', 'while :; do :; done');
  await start('limited', ['--cpus', '0.2', '--memory', '64m'], 'sh', '-c', 'while :; do :; done');
  await start('idle', ['--label', 'tier=web', '--env', 'REGION=fra1'], 'sleep', '600');
  await start('host', ['--network', 'host'], 'sleep', '600');
  await start('stopped', [], 'sh', '-c', 'exit 3');
  await start(
    'checked',
    ['--health-cmd', 'test ! -e /sick', '--health-interval', '1s', '--health-retries', '1'],
    ...['sleep', '600'],
  );
}, 90_000);

afterAll(async () => {
  if (canStartDocker) await server.stop();
}, 60_000);

const of = (metrics: readonly Metric[], name: string, container: string, tags: Record<string, string> = {}) =>
  metrics.find(
    (metric) =>
      metric.name === name &&
      metric.tags['container_name'] === container &&
      Object.entries(tags).every(([key, value]) => metric.tags[key] === value),
  );

const inspect = (name: string, format: string) => server.docker('inspect', '--format', `{{${format}}}`, name);

/** CPU in percent and memory in bytes, as `docker stats` prints them. It measures for a second. */
async function dockerStats(name: string) {
  const text = await server.docker('stats', '--no-stream', '--format', '{{.CPUPerc}} {{.MemUsage}}', name);
  const [, cpu, size, unit] = /^([\d.]+)% ([\d.]+)(B|KiB|MiB|GiB) /.exec(text) ?? [];
  const factor = { B: 1, KiB: 1024, MiB, GiB: 1024 * MiB }[unit ?? ''] ?? Number.NaN;
  return { cpu: Number(cpu), memory: Number(size) * factor };
}

/** CPU time so far in jiffies: of a process, and of each CPU of the machine on average. */
function cpuTime(pid: string) {
  const process = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  const [total = '', ...rest] = readFileSync('/proc/stat', 'utf8').split('\n');
  const cpus = rest.filter((line) => line.startsWith('cpu')).length;
  const machine = total.trim().split(/\s+/).slice(1, 8).map(Number);
  return {
    process: Number(process[13]) + Number(process[14]),
    core: machine.reduce((sum, jiffies) => sum + jiffies, 0) / cpus,
  };
}

// Docker 20.10 returns samples up to a second old, so its window differs a little from the one it is compared with.
describe.each([
  ['from cgroups', true, 10],
  ['from the daemon', false, 25],
])('statistics %s', (_, read_cgroups, tolerance) => {
  dockerTest('agree with docker stats and with the process', async () => {
    const host = await testInput(plugin, { endpoint: server.endpoint, read_cgroups, memory_formula: 'docker_stats' });
    const pid = await inspect('busy', '.State.Pid');
    const first = await host.gather();
    const before = cpuTime(pid);
    expect(first.errors).toEqual([]);
    expect(of(first.metrics, 'docker_container_cpu', 'busy', { cpu: 'cpu-total' })?.fields).not.toHaveProperty(
      'usage_percent',
    );
    const [busy, limited, idle] = await Promise.all(['busy', 'limited', 'idle'].map(dockerStats));
    const { metrics, errors } = await host.gather();
    const after = cpuTime(pid);
    await host.stop();
    expect(errors).toEqual([]);

    const percent = (name: string) =>
      Number(of(metrics, 'docker_container_cpu', name, { cpu: 'cpu-total' })?.fields['usage_percent']);
    // One loop keeps one core busy, or as much of it as the other programs of this machine leave.
    const expected = (100 * (after.process - before.process)) / (after.core - before.core);
    expect(Math.abs(percent('busy') - expected)).toBeLessThan(tolerance);
    expect(percent('busy')).toBeLessThan(105);
    expect(Math.abs(percent('busy') - busy!.cpu)).toBeLessThan(30);
    expect(percent('limited')).toBeLessThan(26);
    expect(Math.abs(percent('limited') - limited!.cpu)).toBeLessThan(15);
    expect(percent('idle')).toBeLessThan(1);

    const memory = of(metrics, 'docker_container_mem', 'idle')!.fields;
    expect(Math.abs(Number(memory['usage']) - idle!.memory)).toBeLessThan(MiB / 2);
    expect(of(metrics, 'docker_container_mem', 'limited')?.fields['limit']).toBe(BigInt(64 * MiB));
    const throttled = of(metrics, 'docker_container_cpu', 'limited', { cpu: 'cpu-total' });
    expect(throttled?.fields['throttling_throttled_periods']).toBeGreaterThan(0n);
    expect(of(metrics, 'docker_container_net', 'host')).toBeUndefined();
  });
});

dockerTest('both ways report the same series and fields', async () => {
  const shape = async (read_cgroups: boolean) => {
    const host = await testInput(plugin, { endpoint: server.endpoint, read_cgroups });
    const { metrics } = await host.gather();
    await host.stop();
    return metrics.map(({ name, tags, fields }) => JSON.stringify([name, tags, Object.keys(fields).sort()])).sort();
  };
  expect(await shape(true)).toEqual(await shape(false));
});

dockerTest('states agree with docker inspect', async () => {
  const host = await testInput(plugin, {
    endpoint: server.endpoint,
    container_state_include: ['*'],
    docker_label_include: ['*'],
    tag_env: ['REGION'],
  });
  await waitFor(async () => (await inspect('checked', '.State.Health.Status')) === 'healthy', { timeout: 20_000 });
  const { metrics, errors } = await host.gather();
  await host.stop();
  expect(errors).toEqual([]);

  const stopped = of(metrics, 'docker_container_status', 'stopped');
  expect(stopped?.tags['container_status']).toBe('exited');
  expect(stopped?.fields).toMatchObject({ exitcode: 3n, pid: 0n, oomkilled: false });
  expect(of(metrics, 'docker_container_mem', 'stopped')).toBeUndefined();

  const idle = of(metrics, 'docker_container_status', 'idle');
  expect(idle?.fields['pid']).toBe(BigInt(await inspect('idle', '.State.Pid')));
  expect(idle?.fields['container_id']).toBe(await inspect('idle', '.Id'));
  expect(idle?.fields).not.toHaveProperty('finished_at');
  expect(idle?.tags).toMatchObject({
    container_version: '1.0',
    container_status: 'running',
    tier: 'web',
    REGION: 'fra1',
  });

  expect(of(metrics, 'docker_container_health', 'checked')?.fields['health_status']).toBe('healthy');
  expect(metrics.find(({ name }) => name === 'docker')?.fields).toMatchObject({
    n_containers: 6n,
    n_containers_running: 5n,
    n_containers_stopped: 1n,
    n_images: 1n,
  });
});

dockerTest('container events are reported within two seconds, whatever the interval', async () => {
  const host = await testInput(plugin, { endpoint: server.endpoint });
  const metrics: Metric[] = [];
  const errors: unknown[] = [];
  const acc = createAccumulator(
    {
      metrics: plugin.metrics,
      entryTags: {},
      globalTags: () => ({}),
      onMetric: (metric) => metrics.push(metric),
      onError: (error) => errors.push(error),
    },
    () => 0n,
  );
  const controller = new AbortController();
  const running = (host.input as unknown as StreamInput).run(acc, controller.signal);
  try {
    // The daemon counts its event listeners; before ours is counted, an event would be missed.
    await waitFor(async () => Number(await server.docker('info', '--format', '{{.NEventsListener}}')) > 0);

    await server.docker('run', '--detach', '--name', 'victim', IMAGE, 'sleep', '600');
    await waitFor(
      () => of(metrics, 'docker_container_status', 'victim', { container_status: 'running' }) !== undefined,
      {
        timeout: 2000,
      },
    );
    await server.docker('kill', 'victim');
    const killed = performance.now();
    const exited = () => of(metrics, 'docker_container_status', 'victim', { container_status: 'exited' });
    await waitFor(() => exited() !== undefined, { timeout: 2000 });
    expect(performance.now() - killed).toBeLessThan(2000);
    expect(exited()?.fields).toMatchObject({ exitcode: 137n, pid: 0n });

    await server.docker('exec', 'checked', 'touch', '/sick');
    const unhealthy = () =>
      metrics.some(({ name, fields }) => name === 'docker_container_health' && fields['health_status'] === 'unhealthy');
    // The health check runs once a second.
    await waitFor(unhealthy, { timeout: 5000 });
    expect(errors).toEqual([]);
  } finally {
    controller.abort(new Error('end of test'));
    await running;
    await host.stop();
  }
});

dockerTest('a user without access to the socket gets advice', async () => {
  const host = await testInput(plugin, { endpoint: server.endpoint });
  await host.gather();
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(65_534);
  process.seteuid?.(65_534);
  try {
    const other = await testInput(plugin, { endpoint: server.endpoint });
    const { errors } = await other.gather();
    await other.stop();
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Cannot .* at unix:.*: permission denied: add the user to the group docker/),
    ]);
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
    await host.stop();
  }
});

dockerTest('a stopping daemon ends the event stream with an error and fails one gather', async () => {
  const other = await startDocker();
  const host = await testInput(plugin, { endpoint: other.endpoint });
  expect((await host.gather()).errors).toEqual([]);
  const acc = createAccumulator(
    {
      metrics: plugin.metrics,
      entryTags: {},
      globalTags: () => ({}),
      onMetric: () => undefined,
      onError: () => undefined,
    },
    () => 0n,
  );
  const running = (host.input as unknown as StreamInput).run(acc, AbortSignal.timeout(30_000));
  const ended = expect(running).rejects.toThrow(/event stream of unix:.* ended|follow events|ECONNRESET|aborted/);
  await waitFor(async () => Number(await other.docker('info', '--format', '{{.NEventsListener}}')) > 0);
  await other.stop();
  await ended;
  expect((await host.gather()).errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/no such socket: is Docker installed and running/),
  ]);
  await host.stop();
});
