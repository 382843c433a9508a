import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, test } from '@jest/globals';

import { createAccumulator } from '../../../src/gather/accumulator.ts';
import type { Metric, StreamInput } from '../../../src/plugin/index.ts';
import { docker } from '../../../src/plugins/docker/index.ts';
import { testInput } from '../../../src/testing.ts';
import { waitFor } from '../../support/servers/real-server.ts';

import { serveEngine, type Answer, type EngineServer } from './engine-server.ts';
import { fixture } from './fixtures.ts';
import { containerId as id, NAMES, recordedEngine } from './recorded-engine.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: object = {}, answers: Record<string, unknown> = {}) {
  const server = await serveEngine({ ...recordedEngine(), ...answers });
  cleanups.push(() => server.close());
  const host = await testInput(docker, { endpoint: server.endpoint, read_cgroups: false, ...options });
  cleanups.push(() => host.stop());
  return { server, host };
}

const named = (metrics: readonly Metric[], name: string, container?: string) =>
  metrics.filter(
    (metric) => metric.name === name && (container === undefined || metric.tags['container_name'] === container),
  );

describe('gather', () => {
  test('the daemon is one point, or two with memory_total_unit_tag, as in old releases of Telegraf', async () => {
    const { host } = await start();
    const [engine, ...more] = named((await host.gather()).metrics, 'docker');
    expect(more).toEqual([]);
    expect(engine?.tags).toEqual({ host: 'test', engine_host: 'node1', server_version: '20.10.24+dfsg1' });
    expect(engine?.fields).toEqual({
      n_cpus: 2n,
      n_used_file_descriptors: expect.any(BigInt),
      n_containers: 5n,
      n_containers_running: 4n,
      n_containers_stopped: 1n,
      n_containers_paused: 0n,
      n_images: 1n,
      n_goroutines: expect.any(BigInt),
      n_listener_events: expect.any(BigInt),
      memory_total: 25276510208n,
    });
    const { host: old } = await start({ memory_total_unit_tag: true });
    const lines = named((await old.gather()).metrics, 'docker');
    expect(lines.map(({ tags, fields }) => [tags['unit'], 'memory_total' in fields])).toEqual([
      [undefined, false],
      ['bytes', true],
    ]);
  });

  test('reports every running container with exact tags and types', async () => {
    const { host } = await start({ perdevice_include: ['cpu', 'blkio', 'network'] });
    const { metrics, errors } = await host.gather();
    expect(errors).toEqual([]);
    expect(
      named(metrics, 'docker_container_status')
        .map(({ tags }) => tags['container_name'])
        .sort(),
    ).toEqual(NAMES.filter((name) => name !== 'stopped').sort());
    const tags = {
      host: 'test',
      engine_host: 'node1',
      server_version: '20.10.24+dfsg1',
      container_name: 'netted',
      container_image: 'registry.example.org/tools/busybox',
      container_version: '1.0',
      container_status: 'running',
    };
    expect(named(metrics, 'docker_container_net', 'netted').map((metric) => metric.tags)).toEqual([
      { ...tags, network: 'eth0' },
      { ...tags, network: 'total' },
    ]);
    expect(named(metrics, 'docker_container_cpu', 'netted').map((metric) => metric.tags['cpu'])).toEqual([
      'cpu-total',
      'cpu0',
      'cpu1',
    ]);
    expect(named(metrics, 'docker_container_blkio', 'netted').map((metric) => metric.tags['device'])).toEqual([
      '254:0',
      'total',
    ]);
    expect(named(metrics, 'docker_container_mem', 'idle')[0]?.fields).toMatchObject({
      limit: 67108864n,
      usage_percent: expect.any(Number),
      container_id: id('idle'),
    });
    expect(named(metrics, 'docker_container_health').map((metric) => metric.fields)).toEqual([
      { health_status: 'healthy', failing_streak: 0n },
    ]);
    expect(named(metrics, 'docker_container_net', 'hostnet')).toEqual([]);
    expect(named(metrics, 'docker_container_blkio', 'idle')[0]?.fields).toEqual({ container_id: id('idle') });
  });

  test('sends one-shot requests and reports usage_percent from the second gather on', async () => {
    const { host, server } = await start({ container_name_include: ['idle'] });
    const percent = async () => {
      const total = named((await host.gather()).metrics, 'docker_container_cpu', 'idle')[0];
      return total?.fields['usage_percent'];
    };
    expect(await percent()).toBeUndefined();
    expect(await percent()).toBeGreaterThan(0);
    expect(server.requests).toContain(`/containers/${id('idle')}/stats?stream=false&one-shot=true`);
  });

  test('reports totals and devices only if selected', async () => {
    const { host } = await start({ perdevice_include: [], total_include: ['network'] });
    const { metrics } = await host.gather();
    expect(new Set(metrics.map(({ name }) => name))).toEqual(
      new Set([
        'docker',
        'docker_container_status',
        'docker_container_health',
        'docker_container_mem',
        'docker_container_net',
      ]),
    );
  });

  test('reports stopped containers if selected, without statistics', async () => {
    const { host, server } = await start({ container_state_include: ['exited'] });
    const { metrics } = await host.gather();
    const [status, ...more] = metrics.filter(({ name }) => name.startsWith('docker_container'));
    expect(more).toEqual([]);
    expect(status?.tags['container_status']).toBe('exited');
    expect(status?.fields).toMatchObject({
      exitcode: 3n,
      uptime_ns: expect.any(BigInt),
      finished_at: expect.any(BigInt),
    });
    expect(server.requests.filter((path) => path.includes('/stats'))).toEqual([]);
  });

  test('adds labels, environment variables and ID as tags if configured', async () => {
    const { host } = await start({
      container_name_include: ['idle'],
      docker_label_include: ['*'],
      docker_label_exclude: ['com.example*'],
      tag_env: ['REGION', 'ABSENT'],
      source_tag: true,
    });
    const { tags } = named((await host.gather()).metrics, 'docker_container_mem')[0]!;
    expect(tags).toMatchObject({ tier: 'web', REGION: 'fra1', source: id('idle').slice(0, 12) });
    expect(Object.keys(tags)).not.toContain('com.example/owner');
  });

  test('reports swarm services and disk usage', async () => {
    const { host, server } = await start(
      { gather_services: true, storage_objects: ['container', 'image', 'volume'], container_name_include: ['idle'] },
      {
        '/services': [{ ID: 's1', Spec: { Name: 'web', Mode: { Replicated: { Replicas: 2 } } } }],
        '/tasks': [{ ServiceID: 's1', DesiredState: 'running', Status: { State: 'running' } }],
      },
    );
    const { metrics } = await host.gather();
    expect(named(metrics, 'docker_swarm')[0]).toMatchObject({
      tags: { service_id: 's1', service_name: 'web', service_mode: 'replicated', engine_host: 'node1' },
      fields: { tasks_running: 1n, tasks_desired: 2n },
    });
    expect(server.requests).toContain('/system/df?type=container&type=image&type=volume');
    const usage = named(metrics, 'docker_disk_usage').map(({ tags, fields }) => {
      const { engine_host: _engine, server_version: _version, host: _host, ...own } = tags;
      return [own, fields];
    });
    expect(usage).toEqual([
      [{}, { layers_size: 1982256n }],
      [
        { container_name: 'idle', container_image: 'registry.example.org/tools/busybox', container_version: '1.0' },
        { size_rw: 0n, size_root_fs: 1982256n },
      ],
      [
        { image_id: expect.any(String), image_name: 'registry.example.org/tools/busybox', image_version: '1.0' },
        { size: 1982256n, shared_size: 0n },
      ],
      [{ volume_name: 'db-data' }, { size: 73400320n }],
    ]);
  });

  test('filters the disk usage of an old daemon, which sends all types', async () => {
    const { host } = await start({ storage_objects: ['volume'] });
    const keys = named((await host.gather()).metrics, 'docker_disk_usage').flatMap(({ fields }) => Object.keys(fields));
    expect(keys).toEqual(['layers_size', 'size']);
  });
});

describe('failures', () => {
  test('a container removed between list and statistics is not an error', async () => {
    const { host } = await start(
      {},
      { [`/containers/${id('idle')}/json`]: undefined, [`/containers/${id('netted')}/stats`]: undefined },
    );
    const { metrics, errors } = await host.gather();
    expect(errors).toEqual([]);
    expect(named(metrics, 'docker_container_status', 'idle')).toEqual([]);
    expect(named(metrics, 'docker_container_mem', 'netted')).toEqual([]);
    expect(named(metrics, 'docker_container_mem', 'checked')).toHaveLength(1);
  });

  test('the empty statistics of a container that has just stopped are not reported', async () => {
    const empty = { ...(fixture('cgroup-v1.idle.1') as object), read: '0001-01-01T00:00:00Z' };
    const { host } = await start({}, { [`/containers/${id('idle')}/stats`]: empty });
    const { metrics } = await host.gather();
    expect(named(metrics, 'docker_container_mem', 'idle')).toEqual([]);
    expect(named(metrics, 'docker_container_status', 'idle')).toHaveLength(1);
  });

  test('C-019: empty memory statistics give no memory fields', async () => {
    const empty = { ...(fixture('cgroup-v1.idle.1') as object), memory_stats: {} };
    const { host } = await start({ container_name_include: ['idle'] }, { [`/containers/${id('idle')}/stats`]: empty });
    const { metrics, errors } = await host.gather();
    expect(errors).toEqual([]);
    expect(named(metrics, 'docker_container_mem').map(({ fields }) => fields)).toEqual([{ container_id: id('idle') }]);
  });

  const all = { gather_services: true, storage_objects: ['volume'] };
  test.each<[string, unknown, RegExp]>([
    ['/containers/json', null, /^Cannot list containers at unix:.*: the daemon answered null instead of a list$/],
    ['/containers/json', [null], /item 0 of the daemon's list is null instead of an object/],
    ['/containers/json', { message: 'hi' }, /the daemon answered an object instead of a list/],
    ['/info', null, /^Cannot ask the Docker daemon at unix:.*: the daemon answered null instead of an object$/],
    ['/info', [], /the daemon answered a list instead of an object/],
    ['/services', null, /^Cannot list services at unix:.*: the daemon answered null instead of a list$/],
    ['/tasks', null, /^Cannot list tasks/],
    ['/system/df', null, /^Cannot measure disk usage/],
    [`/containers/${id('idle')}/json`, null, /^Cannot inspect a container at unix:.*: the daemon answered null/],
    [`/containers/${id('idle')}/json`, {}, /^Cannot inspect a container at unix:.*: the daemon's answer has no State$/],
    [`/containers/${id('idle')}/stats`, null, /^Cannot read statistics at unix:.*: the daemon answered null/],
    [`/containers/${id('idle')}/stats`, { cpu_stats: null }, /the daemon's answer has no cpu_stats.cpu_usage/],
  ])('C-021: %s answers %j: the error says so', async (path, answer, expected) => {
    const swarm = { '/services': [], '/tasks': [] };
    const { host } = await start(all, { ...swarm, [path]: answer === undefined ? undefined : () => answer });
    const { errors } = await host.gather();
    expect(errors.map(({ message, cause }) => (message === 'Container idle' ? String(cause) : message))).toEqual([
      expect.stringMatching(expected.source.replace('^', '^(Error: )?')),
    ]);
  });

  test('an answer that is not JSON is an error that shows its beginning', async () => {
    const { host } = await start(
      {},
      { '/info': (_: unknown, response: ServerResponse) => void response.end('<html>') },
    );
    const { errors } = await host.gather();
    expect(errors[0]?.message).toMatch(/the answer is not JSON: "<html>"/);
  });

  /** Writes until the client closes the connection, 2 GB at most. */
  const endless = (status: number, text: string): { readonly answer: Answer; readonly sent: () => number } => {
    let sent = 0;
    const piece = Buffer.from(text.repeat(65_536 / text.length));
    const answer: Answer = (_request, response) => {
      response.writeHead(status);
      const write = () => {
        while (!response.destroyed && sent < 2e9) {
          sent += piece.length;
          if (!response.write(piece)) return;
        }
        response.end();
      };
      response.on('drain', write);
      write();
    };
    return { answer, sent: () => sent };
  };

  test('C-022: an endless list, and an endless error, are read up to a limit', async () => {
    const list = endless(200, ' ');
    const first = await start({ request_timeout: '60s' }, { '/containers/json': list.answer });
    const { errors } = await first.host.gather();
    expect(errors[0]?.message).toMatch(/Cannot list containers at .*: the answer exceeds 8388608 bytes/);
    expect(list.sent()).toBeLessThan(100e6);
    const useless = await start({}, { '/info': endless(200, ' ').answer });
    expect((await useless.host.gather()).errors).toHaveLength(1);
    expect(useless.server.requests.filter((path) => path.startsWith('/containers'))).toEqual([]);

    const refusal = endless(500, 'x');
    const second = await start({ request_timeout: '60s' }, { '/containers/json': refusal.answer });
    expect((await second.host.gather()).errors[0]?.message).toMatch(/Cannot list containers at .*: HTTP 500$/);
    expect(refusal.sent()).toBeLessThan(20e6);
  });

  test('C-023: an id that is no id stays within its part of the path', async () => {
    const odd = '../../info?x=1#&%2f';
    const { host, server } = await start({}, { '/containers/json': [{ Id: odd, Names: ['/odd'], Image: 'busybox' }] });
    expect((await host.gather()).errors).toEqual([]);
    expect(server.targets.filter((target) => target.includes('odd') || target.includes('x%3D1'))).toEqual([
      '/containers/%2E%2E%2F%2E%2E%2Finfo%3Fx%3D1%23%26%252f/json',
    ]);
  });

  test('the error names the failing container, and the others are reported', async () => {
    const broken: Answer = (_request, response) => void response.writeHead(500).end('{"message":"cgroups: broken"}');
    const { host } = await start({}, { [`/containers/${id('idle')}/stats`]: broken });
    const { metrics, errors } = await host.gather();
    expect(errors.map(({ message }) => message)).toEqual(['Container idle']);
    expect(String(errors[0]?.cause)).toMatch(/Cannot read statistics at .*HTTP 500, cgroups: broken/);
    expect(named(metrics, 'docker_container_mem')).toHaveLength(3);
  });

  test('on a node that is not a manager only the services are missing', async () => {
    const refuse: Answer = (_request, response) =>
      void response.writeHead(503).end('{"message":"not a swarm manager"}');
    const { host } = await start({ gather_services: true }, { '/services': refuse, '/tasks': refuse });
    const { metrics, errors } = await host.gather();
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/services.*not a swarm manager/)]);
    expect(named(metrics, 'docker_container_mem')).toHaveLength(4);
  });

  test('a request without an answer times out, and its socket is closed', async () => {
    const { host, server } = await start(
      { request_timeout: '2s', container_name_include: ['idle', 'netted'] },
      { [`/containers/${id('idle')}/stats`]: () => undefined },
    );
    const { metrics, errors } = await host.gather();
    expect(errors.map(({ cause }) => String(cause))).toEqual([expect.stringMatching(/no answer within 2000 ms/)]);
    expect(named(metrics, 'docker_container_mem', 'netted')).toHaveLength(1);
    await host.stop();
    await waitFor(async () => (await server.connections()) === 0, { what: 'Every connection closed' });
  });

  test('sockets do not accumulate over gathers', async () => {
    const { host, server } = await start();
    await host.gather();
    const first = await server.connections();
    for (let round = 0; round < 5; round += 1) await host.gather();
    expect(await server.connections()).toBeLessThanOrEqual(first);
    await host.stop();
    await waitFor(async () => (await server.connections()) === 0, { what: 'Every connection closed' });
  });

  test('a missing socket is reported with advice', async () => {
    const host = await testInput(docker, { endpoint: 'unix:///nowhere/docker.sock' });
    const { errors } = await host.gather();
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Cannot .* at unix:\/\/\/nowhere\/docker.sock: no such socket: is Docker installed/),
    ]);
    await host.stop();
  });

  test('an aborted gather rejects at once with the reason of the signal', async () => {
    const { host } = await start({}, { '/info': () => undefined });
    const controller = new AbortController();
    const acc = createAccumulator(
      {
        metrics: docker.metrics,
        entryTags: {},
        globalTags: () => ({}),
        onMetric: () => undefined,
        onError: () => undefined,
      },
      () => 0n,
    );
    const gathering = Promise.resolve(host.input.gather(acc, controller.signal));
    controller.abort(new Error('the agent stops'));
    await expect(gathering).rejects.toThrow('the agent stops');
  });
});

describe('events', () => {
  const inspected = (state: object) => ({
    ...(fixture('inspect.idle') as object),
    State: { ...(fixture('inspect.idle') as { State: object }).State, ...state },
  });

  const event = (Action: string, container: string, at: number, attributes: object = {}) => ({
    Type: 'container',
    Action,
    Actor: {
      ID: id(container),
      Attributes: { name: container, image: 'registry.example.org/tools/busybox:1.0', ...attributes },
    },
    time: Math.floor(at),
    timeNano: at * 1e9,
  });

  /** Runs the stream until `abort`; `ended` settles with it. */
  function follow(host: { readonly input: unknown }) {
    const metrics: Metric[] = [];
    const errors: unknown[] = [];
    const controller = new AbortController();
    const acc = createAccumulator(
      {
        metrics: docker.metrics,
        entryTags: {},
        globalTags: () => ({ host: 'test' }),
        onMetric: (metric) => metrics.push(metric),
        onError: (error) => errors.push(error),
      },
      () => 0n,
    );
    const ended = (host.input as StreamInput).run(acc, controller.signal);
    ended.catch(() => undefined);
    cleanups.push(async () => {
      controller.abort(new Error('end of test'));
      await ended.catch(() => undefined);
    });
    return { metrics, errors, ended, abort: controller.abort.bind(controller) };
  }

  test.each([
    ['null', /The daemon sent an event without action and container: "null"/],
    ['{"Type":"container","Action":"die"}', /an event without action and container/],
    ['{"Type":', /an event that is not JSON: "\{\\"Type\\":"/],
  ])('C-021: the event %s ends the stream with an error that says so', async (line, expected) => {
    const { host, server } = await start();
    const { ended } = follow(host);
    await followed(server);
    server.emitText(`{"Type":"network","Action":"create"}\n${line}\n`);
    await expect(ended).rejects.toThrow(expected);
  });

  test('C-022: an event without an end is read up to a limit', async () => {
    const { host, server } = await start();
    const { ended } = follow(host);
    await followed(server);
    server.emitText('x'.repeat(1024 * 1024 + 1));
    await expect(ended).rejects.toThrow('an event of more than 262144 characters');
  });

  const followed = (server: EngineServer) => waitFor(() => server.followers === 1, { what: 'The event stream' });

  test('a container that dies is reported at once, even if the state filter excludes it', async () => {
    const state = { Status: 'exited', Running: false, Pid: 0, ExitCode: 137, OOMKilled: true };
    const { host, server } = await start({}, { [`/containers/${id('idle')}/json`]: inspected(state) });
    const { metrics, errors } = follow(host);
    await followed(server);
    server.emit(event('exec_start: true', 'idle', 1000));
    server.emit({ Type: 'network', Action: 'disconnect', Actor: { ID: 'n' }, timeNano: 1001e9 });
    server.emit(event('die', 'idle', 1002));
    await waitFor(() => metrics.length > 0 || errors.length > 0);
    expect(errors).toEqual([]);
    expect(metrics).toHaveLength(1);
    expect(metrics[0]).toMatchObject({
      name: 'docker_container_status',
      tags: { container_name: 'idle', container_status: 'exited', engine_host: 'node1' },
      fields: { exitcode: 137n, oomkilled: true, pid: 0n },
    });
  });

  const dead = (exitCode: number, finished: number) =>
    inspected({
      Status: 'exited',
      Running: false,
      Pid: 0,
      ExitCode: exitCode,
      FinishedAt: new Date(finished * 1000).toISOString(),
    });

  /** @returns the field `failed` of every report, after the events */
  async function failures(exitCode: number, before: readonly [action: string, at: number, signal?: string][]) {
    const { host, server } = await start({}, { [`/containers/${id('idle')}/json`]: dead(exitCode, 1002) });
    const { metrics, errors } = follow(host);
    await followed(server);
    for (const [action, at, signal = ''] of before) server.emit(event(action, 'idle', at, { signal }));
    server.emit(event('die', 'idle', 1002, { exitCode: String(exitCode) }));
    await waitFor(() => metrics.length > 0 || errors.length > 0);
    expect(errors).toEqual([]);
    return metrics.at(-1)?.fields['failed'];
  }

  test('R-009: a container that is stopped on purpose has not failed, whatever its exit code', async () => {
    expect(await failures(143, [])).toBe(false);
    expect(await failures(0, [])).toBe(false);
    expect(
      await failures(137, [
        ['kill', 990, '15'],
        ['kill', 1001, '9'],
      ]),
    ).toBe(false);
  });

  test('a container that ends by itself has failed: killed by the kernel, after a reload, long after a request', async () => {
    expect(await failures(137, [])).toBe(true);
    expect(await failures(1, [['kill', 1001, '1']])).toBe(true);
    expect(await failures(1, [['kill', 100, '15']])).toBe(true);
  });

  test('a request to stop ends with the next start', async () => {
    const { host, server } = await start({}, { [`/containers/${id('idle')}/json`]: dead(137, 1004) });
    const { metrics } = follow(host);
    await followed(server);
    server.emit(event('kill', 'idle', 1000, { signal: '15' }));
    server.emit(event('die', 'idle', 1001));
    server.emit(event('start', 'idle', 1002));
    server.emit(event('die', 'idle', 1004));
    await waitFor(() => metrics.length === 3);
    expect(metrics.map(({ fields }) => fields['failed']).at(-1)).toBe(true);
  });

  test('R-008: a removed container is reported once more, as not failed', async () => {
    const { host, server } = await start({}, { '/containers/json': [] });
    const { metrics } = follow(host);
    await followed(server);
    server.emit(event('die', 'idle', 1000, { exitCode: '3' }));
    server.emit(event('destroy', 'idle', 1060));
    await waitFor(() => metrics.length === 2);
    expect(metrics.map(({ tags, fields }) => [tags['container_status'], fields['failed']])).toEqual([
      ['exited', true],
      ['removed', false],
    ]);
  });

  test('a container that fails and is removed by --rm stays failed', async () => {
    const { host, server } = await start({}, { '/containers/json': [] });
    const { metrics } = follow(host);
    await followed(server);
    server.emit(event('die', 'idle', 1000, { exitCode: '3' }));
    server.emit(event('destroy', 'idle', 1000.5));
    server.emit(event('die', 'netted', 1001, { exitCode: '0' }));
    await waitFor(() => metrics.length === 2);
    expect(metrics.map(({ tags }) => tags['container_name'])).toEqual(['idle', 'netted']);
  });

  test('a health change is reported', async () => {
    const { host, server } = await start();
    const { metrics } = follow(host);
    await followed(server);
    server.emit(event('health_status: healthy', 'checked', 1000));
    await waitFor(() => metrics.length === 2);
    expect(named(metrics, 'docker_container_health', 'checked')[0]?.fields).toMatchObject({ health_status: 'healthy' });
  });

  test('a container that is removed when it exits is reported from the event alone', async () => {
    const { host, server } = await start({ container_name_exclude: ['secret'] }, { '/containers/json': [] });
    const { metrics, errors } = follow(host);
    await followed(server);
    server.emit(event('die', 'idle', 1000, { name: 'secret', exitCode: '1' }));
    server.emit(event('die', 'idle', 1001, { exitCode: '9' }));
    await waitFor(() => metrics.length > 0 || errors.length > 0);
    expect(errors).toEqual([]);
    expect(metrics.map(({ fields }) => fields)).toEqual([
      { exitcode: 9n, failed: true, pid: 0n, container_id: id('idle') },
    ]);
    expect(metrics[0]?.tags).toMatchObject({
      container_name: 'idle',
      container_status: 'exited',
      container_version: '1.0',
    });
  });

  test('an inspection is cached until an event invalidates it', async () => {
    const { host, server } = await start({ container_name_include: ['idle', 'checked'] });
    follow(host);
    await followed(server);
    const inspections = (name: string) =>
      server.requests.filter((path) => path === `/containers/${id(name)}/json`).length;
    await host.gather();
    await host.gather();
    // The failing streak changes without an event, so a container with a healthcheck is inspected each time.
    expect([inspections('idle'), inspections('checked')]).toEqual([1, 2]);
    server.emit(event('update', 'idle', 1000));
    await waitFor(async () => {
      await host.gather();
      return inspections('idle') === 2;
    });
  });

  test('a stream that ends is an error; the next one resumes without repeating events', async () => {
    const { host, server } = await start();
    const first = follow(host);
    await followed(server);
    server.emit(event('start', 'idle', 1000.25));
    await waitFor(() => first.metrics.length === 1);
    server.endEvents();
    await expect(first.ended).rejects.toThrow(/event stream of unix:.* ended/);

    const second = follow(host);
    await followed(server);
    expect(server.requests.filter((path) => path.startsWith('/events'))[1]).toMatch(/since=1000/);
    server.emit(event('start', 'idle', 1000.25));
    server.emit(event('start', 'netted', 1000.5));
    await waitFor(() => second.metrics.length > 0);
    await sleep(50);
    expect(second.metrics.map(({ tags }) => tags['container_name'])).toEqual(['netted']);
  });

  test('an abort closes the stream without an error', async () => {
    const { host, server } = await start();
    const stream = follow(host);
    await followed(server);
    stream.abort(new Error('the agent stops'));
    await expect(stream.ended).resolves.toBeUndefined();
    await waitFor(() => server.followers === 0);
  });

  test('a missing daemon is reported with advice', async () => {
    const host = await testInput(docker, { endpoint: 'unix:///nowhere/docker.sock' });
    cleanups.push(() => host.stop());
    await expect(follow(host).ended).rejects.toThrow(/no such socket: is Docker installed/);
  });
});
