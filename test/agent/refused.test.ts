/** What a configuration that is refused leaves behind: nothing. */
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { Agent } from '../../src/agent/agent.ts';
import type { NotifierEntry } from '../../src/alerts/entry.ts';
import { openAlertStore } from '../../src/alerts/store/sqlite-store.ts';
import type { Config } from '../../src/config/config.ts';
import type { InputEntry, ProcessorEntry } from '../../src/gather/entry.ts';
import { defineNotifier, defineProcessor, z } from '../../src/plugin/index.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { configOf, inputEntry, outputEntry } from '../support/kit/runner.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-refused-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** One entry of each kind. Each notes under its name that it was made and stopped. */
function oneOfEach(made: string[], stopped: string[], alias: string) {
  const note = (kind: string) => {
    made.push(kind);
    return () => {
      stopped.push(kind);
    };
  };
  const shared = { summary: 'Made by a test', config: z.strictObject({}) };
  const processor = defineProcessor({
    ...shared,
    name: 'fake_processor',
    create: () => ({ process: (metric) => metric, stop: note('processor') }),
  });
  const notifier = defineNotifier({
    ...shared,
    name: 'fake_notifier',
    create: () => ({ notify: () => Promise.resolve(), stop: note('notifier') }),
  });
  const input = inputEntry({}, { alias, fingerprint: `input ${alias}` });
  const output = outputEntry({ write: () => Promise.resolve() }, { alias, fingerprint: `output ${alias}` });
  const noted = <Entry extends { plugin: { create: unknown } }>(entry: Entry, kind: string, rest: object): Entry => ({
    ...entry,
    plugin: { ...entry.plugin, create: () => ({ ...rest, stop: note(kind) }) },
  });
  const entry = { alias, options: {}, filter: {} };
  const processors: readonly ProcessorEntry[] = [{ ...entry, plugin: processor, fingerprint: `processor ${alias}` }];
  const notifiers: readonly NotifierEntry[] = [
    {
      ...entry,
      plugin: notifier,
      fingerprint: `notifier ${alias}`,
      min_level: 'info',
      send_resolved: true,
      timeout: 1000,
      rate: undefined,
      ttl: 1000,
    },
  ];
  return {
    inputs: [noted(input, 'input', { gather: () => undefined })],
    processors,
    outputs: [noted(output, 'output', { write: () => Promise.resolve() })],
    notifiers,
  };
}

/** The last part to be prepared refuses, when all others have made what they need. */
function refusing(): InputEntry {
  const entry = inputEntry({}, { alias: 'bad', fingerprint: 'bad' });
  return { ...entry, plugin: { ...entry.plugin, create: () => Promise.reject(new Error('no such mode')) } };
}

function agentWith(config: Config): Agent {
  return new Agent({
    config,
    version: 'test',
    environment: {},
    logFor: () => silentLog,
    clock: manualClock(),
    random: () => 0,
    writeAudit: () => undefined,
  });
}

/** With a file, the store is opened at the start. */
function storeWithHistory(): void {
  const clock = manualClock();
  const store = openAlertStore({ directory: folder, log: silentLog, onEntry: () => undefined, clock });
  store.audit({ at: clock.now(), kind: 'agent', reason: 'test', detail: {} });
  store.close();
}

/** libsql closes a database when the last statement on it is collected. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  await new Promise((resolve) => setTimeout(resolve, 10));
  gc();
}

/** Files in the state directory that this process has open. */
function openFiles(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const target = readlinkSync(join('/proc/self/fd', descriptor));
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return []; // the descriptor of the listing itself
    }
  });
}

const KINDS = ['input', 'notifier', 'output', 'processor'];

test('a refused start stops what it had made of all four kinds, and closes journal and alert store', async () => {
  storeWithHistory();
  const [made, stopped]: [string[], string[]] = [[], []];
  const parts = oneOfEach(made, stopped, 'one');
  const config = configOf({ state_dir: folder, ...parts, inputs: [...parts.inputs, refusing()] });
  const onDisk = { ...config, journal: { ...config.journal, buffer: 'disk' as const } };
  await expect(agentWith(onDisk).start()).rejects.toThrow('no such mode');
  expect(made.sort()).toEqual(KINDS);
  expect(stopped.sort()).toEqual(KINDS);
  expect(existsSync(join(folder, 'journal'))).toBe(true);
  expect(existsSync(join(folder, 'alerts.db'))).toBe(true);
  await collectGarbage();
  expect(openFiles()).toEqual([]);
  // The journal can be had again at once.
  const again = agentWith({ ...onDisk, inputs: [] });
  await again.start();
  await again.stop();
});

test('a refused reload stops what it had made of all four kinds, and nothing else', async () => {
  const [kept, keptStopped]: [string[], string[]] = [[], []];
  const [made, stopped]: [string[], string[]] = [[], []];
  const running = oneOfEach(kept, keptStopped, 'kept');
  const fresh = oneOfEach(made, stopped, 'fresh');
  const config = configOf({ state_dir: folder, ...running });
  const agent = agentWith(config);
  await agent.start();
  const next = {
    ...config,
    inputs: [...running.inputs, ...fresh.inputs, refusing()],
    processors: [...running.processors, ...fresh.processors],
    outputs: [...running.outputs, ...fresh.outputs],
    notifiers: [...running.notifiers, ...fresh.notifiers],
  };
  await expect(agent.reload(next)).rejects.toThrow('no such mode');
  expect(made.sort()).toEqual(KINDS);
  expect(stopped.sort()).toEqual(KINDS);
  expect(keptStopped).toEqual([]);
  await agent.stop();
  expect(keptStopped.sort()).toEqual(KINDS);
});

test('a start that is aborted while a plugin is made ends, and what is made later is stopped', async () => {
  let finish: (() => void) | undefined;
  let stops = 0;
  const entry = inputEntry({}, { alias: 'slow', fingerprint: 'slow' });
  const create = () =>
    new Promise<never>((resolve) => {
      finish = () => {
        resolve({ gather: () => undefined, stop: () => (stops += 1) } as never);
      };
    });
  const slow = { ...entry, plugin: { ...entry.plugin, create } };
  const stop = new AbortController();
  const starting = agentWith(configOf({ state_dir: folder, inputs: [slow] })).start(stop.signal);
  const settled = expect(starting).rejects.toThrow('enough');
  setTimeout(() => {
    stop.abort(new Error('enough'));
  }, 20);
  await settled;
  finish?.();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(stops).toBe(1);
});
