import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { systemClock } from '../../../src/core/clock.ts';
import { controlClient } from '../../../src/server/client.ts';
import { attachedSource } from '../../../src/terminal/source/attached.ts';
import { pastSource } from '../../../src/terminal/source/past.ts';
import type { TopSource } from '../../../src/terminal/source/source.ts';
import { TopState } from '../../../src/terminal/top/state.ts';
import { ONE_HOST, startAgentApi, type AgentApi } from '../../support/fakes/agent-api.ts';

let folder: string;
let api: AgentApi;
const running: AbortController[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-attach-'));
  api = await startAgentApi(folder);
  api.answer['GET /api/v1/hosts'] = ONE_HOST;
});

afterEach(async () => {
  for (const run of running.splice(0)) run.abort();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

const client = () => controlClient(folder, 'linux');

async function attach(interval = 1000): Promise<TopSource | undefined> {
  const source = await attachedSource({ client: client(), interval, by: 'mk', clock: systemClock });
  // The stream that only tried whether there is one has ended.
  await until(() => api.readers() === 0);
  return source;
}

/** The state that the source fills. */
function show(source: TopSource): TopState {
  const state = new TopState({ hostname: 'web1', intervalMs: 1000, isInteractive: true }, source);
  const run = new AbortController();
  running.push(run);
  void source.run(
    {
      onSamples: (samples) => {
        state.addSamples(samples);
      },
      onProcesses: (frame) => {
        state.frame = frame;
      },
      onProblems: (problems) => {
        state.setProblems(problems);
      },
      onJump: () => {
        state.jump();
      },
      onTrouble: (text) => {
        state.trouble = text;
      },
    },
    run.signal,
  );
  return state;
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue(); waited += 20) {
    if (waited > 10_000) throw new Error(`Not within 10 s: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const names = [
  'cpu.usage_idle{cpu=cpu-total}',
  'net.bytes_recv{interface=eth0}',
  'disk.used_percent{path=/}',
  'broken{',
];
const FINDING = {
  id: 'a1',
  level: 'critical',
  sentence: ['Disk ', { name: '/var' }, ' is full.'],
  evidence: 'postgres wrote most of it',
  since: 5000,
  alert: { fingerprint: '41a7', rule: 'disk_space' },
};

describe('attached to a running agent', () => {
  test('samples, processes and findings of the stream are shown', async () => {
    const source = (await attach())!;
    expect([source.origin, source.hasFindings]).toEqual(['agent 1.2.3', true]);
    const state = show(source);
    await until(() => api.readers() === 1);
    api.send('series', { names });
    api.send('sample', { at: 1000, values: [60, 1000, 50, 1] });
    api.send('sample', { at: 2000, values: [40, 3048, null, 1] });
    api.send('processes', {
      at: 2000,
      total: 7,
      processes: [{ pid: 1, name: 'init', user: 'root', unit: '', cpu: 1, memory: 2, read: null, written: 3 }],
      isRestricted: false,
    });
    api.send('findings', { at: 1, findings: [FINDING, { ...FINDING, id: 'a2', alert: undefined }], fine: 44 });
    await until(() => state.problems.list.length === 2);
    expect(state.view?.cpu?.busy).toBe(60);
    expect(state.view?.interfaces).toEqual([{ name: 'eth0', received: 2048, sent: Number.NaN, lost: 0 }]);
    expect(state.frame?.processes[0]).toMatchObject({ pid: 1, read: undefined, written: 3 });
    expect(state.problems.list[0]).toMatchObject({ level: 'critical', text: 'Disk /var is full.' });
    expect(state.problems.fine).toBe(44);
  });

  test('samples beyond the interval are left out', async () => {
    const source = (await attach(2000))!;
    const state = show(source);
    await until(() => api.readers() === 1);
    api.send('series', { names });
    for (const at of [11_000, 12_000, 13_000, 14_000, 15_000, 9000])
      api.send('sample', { at, values: [at / 100, 0, 0, 0] });
    await until(() => state.trail.length === 4);
    expect(state.trail.map(({ at }) => at)).toEqual([11_000, 13_000, 15_000, 9000]);
  });

  test('an agent that goes away is said and found again, without samples twice', async () => {
    const state = show((await attach())!);
    await until(() => api.readers() === 1);
    api.send('series', { names });
    api.send('sample', { at: 7000, values: [1, 1, 1, 1] });
    await until(() => state.trail.length === 1);
    api.drop();
    await until(() => state.trouble !== '');
    expect(state.problems.list.at(-1)).toMatchObject({
      level: 'unknown',
      text: 'The agent does not answer: The daemon ended the stream',
    });
    await until(() => api.readers() === 1);
    expect(api.asked.at(-1)).toBe('GET /api/v1/stream?since=7000');
  });

  test('an event that is no JSON is an error that is shown, not the end', async () => {
    const state = show((await attach())!);
    await until(() => api.readers() === 1);
    api.send('sample', 'nonsense');
    await until(() => state.trouble.includes('The agent does not answer'));
    await until(() => api.asked.filter((each) => each.includes('/stream')).length === 3);
  });

  test('acknowledges, and silences exactly the alert', async () => {
    const { acts } = (await attach())!;
    const alert = { fingerprint: '41a7', rule: 'disk_space' };
    const problem = { id: 'a1', level: 'critical', text: '', evidence: '', since: 0, alert } as const;
    api.answer['POST /api/v1/acks'] = {};
    api.answer['POST /api/v1/silences'] = {};
    const tags = { host: 'web1', path: '!/srv/[a]*' };
    api.answer['GET /api/v1/alerts'] = { alerts: [{ alert: { fingerprint: '41a7', tags } }], windows: [] };
    expect(await acts!.acknowledge(problem)).toBe('Acknowledged disk_space as mk');
    expect(await acts!.silence(problem, 3_600_000)).toBe('Silenced disk_space for 1 h');
    const [ack, , silence] = api.asked.slice(2);
    expect(ack).toBe('POST /api/v1/acks {"fingerprint":"41a7","by":"mk","comment":"from healthd top"}');
    const match = { host: 'web1', path: '\\!/srv/\\[a\\]\\*', rule: 'disk_space' };
    expect(JSON.parse(silence!.slice('POST /api/v1/silences '.length))).toMatchObject({ match });
    api.answer['GET /api/v1/alerts'] = { alerts: [], windows: [] };
    await expect(acts!.silence(problem, 1)).rejects.toThrow('The alert of disk_space has ended');
  });

  test('without an agent, or with one that has no such routes, there is nothing to attach to', async () => {
    api.hasNoStream = true;
    expect(await attach()).toBeUndefined();
    api.answer = {};
    expect(await attach()).toBeUndefined();
    const empty = mkdtempSync(join(tmpdir(), 'healthd-none-'));
    const none = controlClient(empty, 'linux');
    expect(await attachedSource({ client: none, interval: 1, by: '', clock: systemClock })).toBeUndefined();
    rmSync(empty, { recursive: true });
  });
});

describe('a past moment', () => {
  const AT = 1_700_000_000_000;
  const field = (name: string) => ({ name, type: 'float', unit: '', kind: 'gauge', help: '' });

  function answers(): void {
    api.answer['GET /api/v1/series'] = {
      sets: [
        {
          measurement: 'cpu',
          tags: { cpu: 'cpu-total', host: 'web1' },
          fields: [field('usage_idle'), field('x')],
          lastAt: 0,
        },
        { measurement: 'custom', tags: {}, fields: [field('y')], lastAt: 0 },
      ],
      isComplete: true,
    };
    api.answer['GET /api/v1/query'] = {
      from: AT - 20_000,
      step: 10_000,
      series: [{ name: 'cpu.usage_idle{cpu=cpu-total}', values: { last: [70, null, 20] } }],
    };
    api.answer['GET /api/v1/processes'] = { at: AT, total: 9, processes: [], isRestricted: false };
    api.answer['GET /api/v1/events'] = {
      events: [
        { at: AT - 60_000, kind: 'oom', level: 'critical', title: 'The kernel killed postgres' },
        { at: AT - 7_200_000, until: AT - 3_600_000, kind: 'alert', level: 'critical', title: 'It was over' },
        { at: AT - 7_200_000, until: AT + 1, kind: 'alert', level: 'warning', title: 'It fired' },
      ],
      isComplete: true,
    };
  }

  test('shows the samples up to it, its processes, and what fired', async () => {
    answers();
    const source = await pastSource({ client: client(), at: AT, clock: systemClock });
    const state = show(source);
    await until(() => state.frame !== undefined);
    expect(source.isPast).toBe(true);
    expect(state.trail.map((view) => view.cpu?.busy)).toEqual([30, 80]);
    expect(state.problems.list.map(({ text }) => text)).toEqual(['The kernel killed postgres', 'It fired']);
    const query = new URL(api.asked.find((each) => each.includes('/query'))!.slice(4), 'http://x').searchParams;
    expect(query.getAll('s')).toEqual(['cpu.usage_idle{cpu=cpu-total}']);
    expect([query.get('from'), query.get('to'), query.get('fn')]).toEqual([
      String(AT - 600_000),
      String(AT + 1),
      'last',
    ]);
  });

  test('a step reads the next moment, never one to come', async () => {
    answers();
    const source = await pastSource({ client: client(), at: AT, clock: { ...systemClock, now: () => AT + 15_000 } });
    const state = show(source);
    await until(() => state.frame !== undefined);
    source.step!(-10_000);
    await until(() => api.asked.includes(`GET /api/v1/processes?at=${AT - 10_000}`));
    source.step!(60_000);
    await until(() => api.asked.includes(`GET /api/v1/processes?at=${AT + 15_000}`));
  });

  test('a time without samples says so', async () => {
    answers();
    api.answer['GET /api/v1/query'] = { from: 0, step: 1, series: [{ name: 'x', values: { last: [null] } }] };
    const state = show(await pastSource({ client: client(), at: AT, clock: systemClock }));
    await until(() => state.view !== undefined);
    expect(state.trouble).toBe('The history has nothing of this time.');
    expect(state.view?.cpu).toBeUndefined();
  });
});
