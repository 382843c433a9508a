import { describe, expect, test } from '@jest/globals';

import type { ContainerInspection } from '../../../src/plugins/docker/api.ts';
import { deviceMapper } from '../../../src/plugins/docker/devicemapper.ts';
import { explain, isGone } from '../../../src/plugins/docker/explain.ts';
import { containerName, parseImage, shortId } from '../../../src/plugins/docker/names.ts';
import { options } from '../../../src/plugins/docker/options.ts';
import { selection } from '../../../src/plugins/docker/selection.ts';
import { healthFields, statusFields } from '../../../src/plugins/docker/status.ts';
import { swarmServices } from '../../../src/plugins/docker/swarm.ts';
import { parseTime } from '../../../src/plugins/docker/time.ts';

import { fixture } from './fixtures.ts';

test.each([
  ['2026-11-22T19:05:35.840707026Z', 1795374335840707026n],
  ['2026-11-22T20:05:35.84+01:00', 1795374335840000000n],
  ['1970-01-01T00:00:01Z', 1000000000n],
  ['0001-01-01T00:00:00Z', undefined],
  ['', undefined],
  ['yesterday', undefined],
  [undefined, undefined],
])('time %s', (text, expected) => {
  expect(parseTime(text)).toBe(expected);
});

test.each([
  ['busybox', 'busybox', 'unknown'],
  ['busybox:1.36', 'busybox', '1.36'],
  ['registry.example.org:5000/tools/busybox', 'registry.example.org:5000/tools/busybox', 'unknown'],
  ['registry.example.org:5000/tools/busybox:1.36', 'registry.example.org:5000/tools/busybox', '1.36'],
  [`busybox:1.36@sha256:${'ab'.repeat(32)}`, 'busybox', '1.36'],
])('image %s', (reference, image, version) => {
  expect(parseImage(reference)).toEqual({ image, version });
});

test('the name of a container is the one that is no link', () => {
  expect(containerName(['/web/db', '/db'])).toBe('db');
  expect(containerName(['podman-style'])).toBe('podman-style');
  expect(containerName([])).toBeUndefined();
  expect(containerName(null)).toBeUndefined();
  expect(shortId(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
});

describe('state', () => {
  const inspection = (name: string) => fixture(`inspect.${name}`) as ContainerInspection;

  test('a running container has no end, and its uptime counts until now', () => {
    const checked = inspection('checked');
    const started = parseTime(checked.State.StartedAt)!;
    expect(statusFields(checked, started + 5_000_000_000n)).toEqual({
      oomkilled: false,
      pid: checked.State.Pid,
      exitcode: 0,
      restart_count: 0,
      container_id: checked.Id,
      started_at: started,
      finished_at: undefined,
      uptime_ns: 5_000_000_000n,
    });
  });

  test('of an ended one, how long it ran', () => {
    const fields = statusFields(inspection('stopped'), 2n ** 62n);
    expect(fields).toMatchObject({ exitcode: 3, pid: 0 });
    expect(fields.uptime_ns).toBe(fields.finished_at! - fields.started_at!);
  });

  test('an end that was recorded before the start counts as no time', () => {
    const { State, ...rest } = inspection('stopped');
    const times = { StartedAt: '2026-11-22T19:05:35.002Z', FinishedAt: '2026-11-22T19:05:35.001Z' };
    expect(statusFields({ ...rest, State: { ...State, ...times } }, 2n ** 62n).uptime_ns).toBe(0n);
  });

  test('one that was never started has neither', () => {
    const { State, ...rest } = inspection('stopped');
    const never = '0001-01-01T00:00:00Z';
    const fields = statusFields({ ...rest, State: { ...State, StartedAt: never, FinishedAt: never } }, 1n);
    expect(fields).toMatchObject({ started_at: undefined, finished_at: undefined, uptime_ns: undefined });
  });

  test('health only with a healthcheck', () => {
    expect(healthFields(inspection('checked').State)).toEqual({ health_status: 'healthy', failing_streak: 0 });
    expect(healthFields(inspection('stopped').State)).toBeUndefined();
    const { State } = inspection('stopped');
    expect(healthFields({ ...State, Health: { Status: '', FailingStreak: 0 } })).toBeUndefined();
  });
});

test('services of a swarm, in every mode', () => {
  const service = (ID: string, Mode: object) => ({ ID, Spec: { Name: `name-${ID}`, Mode } });
  const task = (ServiceID: string, DesiredState: string, State: string) => ({
    ServiceID,
    DesiredState,
    Status: { State },
  });
  const reports = swarmServices(
    [
      service('r', { Replicated: { Replicas: 3 } }),
      service('g', { Global: {} }),
      service('rj', { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 10 } }),
      service('gj', { GlobalJob: {} }),
      service('future', { Sharded: {} }),
    ],
    [
      task('r', 'running', 'running'),
      task('r', 'running', 'preparing'),
      task('r', 'shutdown', 'failed'),
      task('g', 'running', 'running'),
      task('g', 'ready', 'starting'),
      task('g', 'shutdown', 'running'),
    ],
  );
  expect(reports.map(({ tags, fields }) => [tags.service_mode, fields])).toEqual([
    ['replicated', { tasks_running: 1, tasks_desired: 3 }],
    ['global', { tasks_running: 2, tasks_desired: 2 }],
    ['replicated_job', { tasks_running: 0, max_concurrent: 2, total_completions: 10 }],
    ['global_job', { tasks_running: 0 }],
  ]);
  expect(reports[0]?.tags).toEqual({ service_id: 'r', service_name: 'name-r', service_mode: 'replicated' });
});

test('devicemapper tells its space as text in powers of 1000', () => {
  const pool = deviceMapper([
    ['Pool Name', 'docker-8:1-1182287-pool'],
    ['Pool Blocksize', '65.54 kB'],
    ['Data Space Used', '17.3 MB'],
    ['Data Space Total', '107.4 GB'],
    ['Metadata Space Available', '2.1B'],
    ['Udev Sync Supported', 'true'],
    ['Backing Filesystem', 'extfs'],
  ]);
  expect(pool).toEqual({
    poolName: 'docker-8:1-1182287-pool',
    poolBlocksize: 65540,
    data: { used: 17300000, total: 107400000000 },
    metadata: { available: 2 },
    all: {
      pool_blocksize_bytes: 65540,
      data_space_used_bytes: 17300000,
      data_space_total_bytes: 107400000000,
      metadata_space_available_bytes: 2,
    },
  });
  expect(deviceMapper([['Backing Filesystem', 'extfs']])).toBeUndefined();
});

describe('selection', () => {
  const select = (raw: object) => selection(options.parse(raw));

  test('by default running containers and no labels', () => {
    const { states, label, container } = select({});
    expect(states).toEqual(['running']);
    expect([label('com.docker.compose.project'), container('anything')]).toEqual([false, true]);
  });

  test('globs of names, states and labels; an exclude wins', () => {
    const chosen = select({
      container_name_include: ['web*'],
      container_name_exclude: ['*-test'],
      container_state_exclude: ['r*'],
      docker_label_include: ['com.example*'],
      docker_label_exclude: ['*secret*'],
    });
    expect(['web1', 'web1-test', 'db'].map((name) => chosen.container(name))).toEqual([true, false, false]);
    expect(chosen.states).toEqual(['created', 'paused', 'exited', 'dead']);
    const labels = ['com.example/owner', 'com.example.secret', 'maintainer'];
    expect(labels.map((key) => chosen.label(key))).toEqual([true, false, false]);
  });

  test('an endpoint that is none is refused', () => {
    expect(() => options.parse({ endpoint: '/var/run/docker.sock' })).toThrow(/unix:\/\/\/path/);
  });
});

describe('errors say what to do', () => {
  const system = (code: string) => Object.assign(new Error(`connect ${code}`), { code });
  const refused = (statusCode: number, message: string) =>
    Object.assign(new Error(message), { statusCode, json: { message } });

  test.each([
    ['ENOENT', /Cannot list containers at unix:\/\/\/s: nothing is there: is Docker installed and running\?/],
    ['EACCES', /add the user to the group docker .*or run it as root/],
    ['ECONNREFUSED', /is the daemon running/],
    ['EWHATEVER', /^Cannot list containers at unix:\/\/\/s$/],
  ])('%s', (code, expected) => {
    const error = explain(system(code), 'list containers', 'unix:///s');
    expect(error.message).toMatch(expected);
    expect(error.cause).toMatchObject({ code });
  });

  test('a timeout, an old daemon, a proxy that forbids', () => {
    expect(explain(new Error('aborted'), 'x', 'e', 5000).message).toMatch(/no answer within 5000 ms.*request_timeout/);
    expect(explain(refused(404, 'page not found'), 'x', 'e').message).toMatch(/too old/);
    expect(explain(refused(403, 'no'), 'x', 'e').message).toMatch(/HTTP 403, no: access is refused/);
    expect(explain(refused(500, 'boom'), 'x', 'e').message).toBe('Cannot x at e: HTTP 500, boom');
  });

  test('a container that went away is recognised through the explanation', () => {
    expect(isGone(explain(refused(404, 'No such container: abc'), 'x', 'e'))).toBe(true);
    expect(isGone(explain(refused(500, 'boom'), 'x', 'e'))).toBe(false);
    expect(isGone(explain(system('ENOENT'), 'x', 'e'))).toBe(false);
  });
});
