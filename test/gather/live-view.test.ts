import { expect, test } from '@jest/globals';

import type { InputEntry } from '../../src/gather/entry.ts';
import { LiveView } from '../../src/gather/live-view.ts';
import type { LiveListener, LivePoints } from '../../src/gather/live.ts';
import { Timetable } from '../../src/gather/timetable.ts';
import type { ProcessFrame } from '../../src/host/processes/frame.ts';
import { defineInput, z, type Input, type InputPlugin, type StreamInput } from '../../src/plugin/index.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { inputEntry, pass, runnerContext } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

const START = 1_700_000_000_000;

/** An input of that name which counts its gathers and instances. */
function counting(name: string, gather: Partial<Input & StreamInput> = {}) {
  const seen = { gathers: 0, made: 0, stopped: 0, options: [] as unknown[] };
  const plugin = defineInput({
    name,
    summary: 'Made by a test',
    config: z.strictObject({ size: z.number().default(1) }),
    metrics: {},
    create: (options) => {
      seen.made += 1;
      seen.options.push(options);
      return {
        gather: (acc) => {
          seen.gathers += 1;
          acc.add(name, { v: seen.gathers });
        },
        stop: () => {
          seen.stopped += 1;
        },
        ...gather,
      } satisfies Input;
    },
  }) as unknown as InputPlugin;
  return { plugin, seen };
}

function entryOf({ plugin }: { readonly plugin: InputPlugin }, settings: Partial<InputEntry> = {}): InputEntry {
  return inputEntry({}, { plugin, alias: plugin.name, fingerprint: plugin.name, ...settings });
}

interface Setting {
  readonly configured?: readonly InputEntry[];
  readonly builtIn?: readonly { readonly plugin: InputPlugin }[];
  readonly readProcesses?: (signal: AbortSignal) => Promise<ProcessFrame>;
}

function viewing({ configured = [], builtIn = [], readProcesses }: Setting) {
  const clock = manualClock(START);
  const log = recordingLog();
  const searched: string[] = [];
  const closed: number[] = [];
  const view = new LiveView({
    contextOf: () => runnerContext(clock, log),
    globalTags: () => ({ host: 'test', dc: 'fra1' }),
    timetable: new Timetable(clock, () => 0),
    takeTurn: (work) => {
      work();
    },
    clock,
    random: () => 0,
    log,
    stopTimeout: () => 1000,
    findInput: (name) => {
      searched.push(name);
      const found = builtIn.find(({ plugin }) => plugin.name === name);
      return found === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(found.plugin);
    },
    openProcesses: readProcesses && (() => ({ captureInSlices: readProcesses, close: () => closed.push(clock.now()) })),
  });
  view.use(configured);
  return { view, clock, log, searched, closed };
}

function viewer() {
  const points: LivePoints[] = [];
  const frames: ProcessFrame[] = [];
  const listener: LiveListener = {
    onPoints: (each) => points.push(each),
    onProcesses: (each) => frames.push(each),
  };
  return { listener, points, frames };
}

test('nothing is loaded and nothing runs before the first viewer', async () => {
  const cpu = counting('cpu');
  const { view, clock, searched } = viewing({ configured: [entryOf(cpu)] });
  await pass(clock, 30_000);
  expect(cpu.seen).toMatchObject({ made: 0, gathers: 0 });
  expect(searched).toEqual([]);
  expect(view.recent(0)).toEqual([]);
});

test('while somebody looks, the inputs are gathered each second, with global tags and those of the entry', async () => {
  const cpu = counting('cpu');
  const { view, clock } = viewing({ configured: [entryOf(cpu, { tags: { role: 'db' } })] });
  const { listener, points } = viewer();
  view.watch(listener);
  await settle();
  await pass(clock, 3500, 100);
  expect(points.map(({ at }) => at - START)).toEqual([0, 1000, 2000, 3000]);
  expect(points[3]?.metrics).toEqual([
    {
      name: 'cpu',
      tags: { dc: 'fra1', host: 'test', role: 'db' },
      fields: { v: 4 },
      time: BigInt(START + 3000) * 1_000_000n,
    },
  ]);
  expect(view.recent(START + 1000)).toEqual(points.slice(2));
});

test('it ends ten seconds after the last viewer, and a viewer in between keeps it', async () => {
  const cpu = counting('cpu');
  const { view, clock } = viewing({ configured: [entryOf(cpu)] });
  const [a, b, c] = [viewer(), viewer(), viewer()];
  const endA = view.watch(a.listener);
  const endB = view.watch(b.listener);
  await settle();
  endA();
  await pass(clock, 20_000, 500);
  expect(cpu.seen).toMatchObject({ gathers: 21, made: 1, stopped: 0 });

  endB();
  endB();
  await pass(clock, 9000, 500);
  const endC = view.watch(c.listener);
  await pass(clock, 15_000, 500);
  expect(cpu.seen).toMatchObject({ gathers: 45, made: 1, stopped: 0 });

  endC();
  await pass(clock, 9500, 500);
  expect(cpu.seen.stopped).toBe(0);
  await pass(clock, 1000, 500);
  const { gathers } = cpu.seen;
  expect(cpu.seen.stopped).toBe(1);
  await pass(clock, 60_000);
  expect(cpu.seen.gathers).toBe(gathers);
  expect(view.recent(0)).toEqual([]);
});

test('a viewer who leaves before the inputs are loaded costs nothing later', async () => {
  const cpu = counting('cpu');
  const { view, clock } = viewing({ configured: [entryOf(cpu)] });
  view.watch(viewer().listener)();
  clock.advance(10_000);
  await settle();
  await pass(clock, 5000);
  expect(cpu.seen).toMatchObject({ gathers: 0, made: 1, stopped: 1 });
});

test('options of configured inputs are kept; others have defaults; docker only if it is configured, every five seconds', async () => {
  const disk = counting('disk');
  const [docker, cpu, exec] = [counting('docker'), counting('cpu'), counting('exec')];
  const configured = [entryOf(disk, { options: { size: 7 } }), entryOf(exec)];
  const { view, clock, searched } = viewing({ configured, builtIn: [cpu, docker] });
  view.watch(viewer().listener);
  await settle();
  await pass(clock, 2000);
  expect(disk.seen.options).toEqual([{ size: 7 }]);
  expect(cpu.seen.options).toEqual([{ size: 1 }]);
  expect(searched).not.toContain('disk');
  expect(searched).not.toContain('docker');
  expect(exec.seen.made).toBe(0);

  view.use([...configured, entryOf(docker)]);
  await settle();
  await pass(clock, 10_000);
  expect(docker.seen.gathers).toBe(3);
  expect(disk.seen).toMatchObject({ made: 2, stopped: 1 });
});

test('a reload that changes no live input changes nothing for who looks', async () => {
  const [cpu, exec] = [counting('cpu'), counting('exec')];
  const { view, clock } = viewing({ configured: [entryOf(cpu)] });
  view.watch(viewer().listener);
  await settle();
  view.use([entryOf(cpu), entryOf(exec)]);
  await pass(clock, 2000);
  expect(cpu.seen).toMatchObject({ made: 1, stopped: 0 });
});

test('streams of events are not followed a second time', async () => {
  let streams = 0;
  const run = () => {
    streams += 1;
    return new Promise<void>(() => undefined);
  };
  const docker = counting('docker', { run });
  const { view, clock } = viewing({ configured: [entryOf(docker)] });
  view.watch(viewer().listener);
  await settle();
  await pass(clock, 5000);
  expect(docker.seen.gathers).toBe(2);
  expect(streams).toBe(0);
});

test('an input that hangs, throws or cannot be made costs only itself and is logged at debug', async () => {
  const cpu = counting('cpu');
  const disk = counting('disk', { gather: () => new Promise(() => undefined) });
  const mem = counting('mem', {
    gather: () => {
      throw new Error('no memory');
    },
  });
  const net = entryOf({
    plugin: {
      ...counting('net').plugin,
      create: () => {
        throw new Error('not here');
      },
    },
  });
  const { view, clock, log } = viewing({ configured: [entryOf(disk), entryOf(mem), net, entryOf(cpu)] });
  const { listener, points } = viewer();
  view.watch(listener);
  await settle();
  await pass(clock, 10_500, 100);
  expect(points.map(({ metrics }) => metrics.map(({ name }) => name))).toEqual(Array(11).fill(['cpu']));
  expect(log.lines.filter((line) => !line.startsWith('debug: '))).toEqual([]);
  expect(log.lines).toContain('debug: Live view of net: not here');
  expect(log.lines.filter((line) => line.includes('no memory'))).toHaveLength(1);
});

test('points of a gather that takes longer come with the next second', async () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  const disk = counting('disk', {
    gather: async (acc) => {
      await promise;
      acc.add('disk', { v: 1 });
    },
  });
  const { view, clock } = viewing({ configured: [entryOf(disk), entryOf(counting('cpu'))] });
  const { listener, points } = viewer();
  view.watch(listener);
  await settle();
  await pass(clock, 500, 100);
  resolve();
  await pass(clock, 1000, 100);
  expect(points.map(({ metrics }) => metrics.map(({ name }) => name))).toEqual([['cpu'], ['disk', 'cpu', 'disk']]);
});

test('at most 5,000 fields a second are kept', async () => {
  const cpu = counting('cpu', {
    gather: (acc) => {
      for (let each = 0; each < 3000; each += 1) acc.add('cpu', { a: 1, b: 2 }, { cpu: `cpu${each}` });
    },
  });
  const { view, clock } = viewing({ configured: [entryOf(cpu)] });
  const { listener, points } = viewer();
  view.watch(listener);
  await settle();
  await pass(clock, 1200, 100);
  expect(points.map(({ metrics }) => metrics.length)).toEqual([2500, 2500]);
});

test('a frame of processes every two seconds, and no second read while one takes long', async () => {
  let reads = 0;
  const frame: ProcessFrame = { at: 0, total: 3, processes: [] };
  const waiting: (() => void)[] = [];
  const readProcesses = () => {
    reads += 1;
    if (reads < 3) return Promise.resolve(frame);
    return new Promise<ProcessFrame>((resolve) => {
      waiting.push(() => {
        resolve(frame);
      });
    });
  };
  const { view, clock, closed } = viewing({ configured: [entryOf(counting('cpu'))], readProcesses });
  const { listener, frames } = viewer();
  view.watch(listener);
  await settle();
  await pass(clock, 10_000, 500);
  expect({ reads, frames: frames.length }).toEqual({ reads: 3, frames: 2 });
  waiting[0]?.();
  await pass(clock, 2000, 500);
  expect({ reads, frames: frames.length }).toEqual({ reads: 4, frames: 3 });
  const stopping = view.stop(AbortSignal.abort());
  waiting[1]?.();
  await stopping;
  expect(frames).toHaveLength(3);
  expect(closed).toHaveLength(1);
});

test('stop ends it though somebody looks', async () => {
  const cpu = counting('cpu');
  const { view, clock } = viewing({ configured: [entryOf(cpu)] });
  view.watch(viewer().listener);
  await settle();
  await view.stop(AbortSignal.abort());
  await pass(clock, 5000);
  expect(cpu.seen).toMatchObject({ gathers: 1, stopped: 1 });
});
