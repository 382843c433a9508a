import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { createParts } from '../../src/agent/parts.ts';
import { agentAnswer } from '../../src/api/agent.ts';
import { hostInfo } from '../../src/api/host.ts';
import { prepareAll } from '../../src/core/part.ts';
import type { LivePoints } from '../../src/gather/live.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { silentLog } from '../../src/testing.ts';
import { configOf, inputEntry, outputEntry } from '../support/kit/runner.ts';

/** All parts of an agent on the real clock. */
async function running() {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-facts-'));
  const written: string[] = [];
  const config = configOf({
    state_dir: folder,
    inputs: [
      inputEntry({
        gather: (acc) => {
          acc.add('m', { v: 1 });
        },
      }),
    ],
    outputs: [
      outputEntry({
        write: (batch) => {
          written.push(Buffer.from(batch.lines).toString());
          return Promise.resolve();
        },
      }),
    ],
    files: ['/etc/healthd.yaml'],
  });
  const parts = createParts(
    {
      config,
      version: '1.2.3',
      environment: {},
      logFor: () => silentLog,
      findInput: (name) => builtInPlugins.find('input', name),
      serve: true,
    },
    () => config,
    () => false,
  );
  const { signal } = new AbortController();
  const prepared = await prepareAll(parts.inOrder.map((part) => () => part.prepare(config, signal)));
  await prepared.use();
  return {
    sources: parts.sources,
    folder,
    written,
    stop: async () => {
      for (const part of parts.inOrder.toReversed()) await part.stop(signal);
      rmSync(folder, { recursive: true });
    },
  };
}

test('the sources tell of the host and of the agent', async () => {
  const { sources, folder, stop } = await running();
  try {
    const host = hostInfo.parse(sources.host());
    expect(host.id).toBe(readFileSync(join(folder, 'host-id'), 'utf8').trim());
    expect(host).toMatchObject({ name: 'test', agent: { version: '1.2.3', intervalMs: 10_000 } });
    const agent = agentAnswer.parse(await sources.agent());
    expect(agent).toMatchObject({
      version: '1.2.3',
      pid: process.pid,
      configFiles: ['/etc/healthd.yaml'],
      stateDirectory: folder,
      inputs: [{ alias: 'fake', metrics: 1, errors: 0 }],
      outputs: [{ alias: 'fake_output', errors: 0 }],
      journal: { isDegraded: false },
      history: null,
      deadLetters: [],
    });
    expect(agent.memoryBytes).toBeGreaterThan(1e7);
  } finally {
    await stop();
  }
});

test('the live view of this machine is gathered each second and reaches no output', async () => {
  const { sources, written, stop } = await running();
  try {
    const points: LivePoints[] = [];
    await new Promise<void>((resolve) => {
      const end = sources.live()?.watch({
        onPoints: (each) => {
          points.push(each);
          if (points.length === 4) resolve(end?.());
        },
        onProcesses: () => undefined,
      });
    });
    const [, second, third] = points;
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBe(1000);
    const names = new Set(third?.metrics.map(({ name }) => name));
    expect([...names]).toEqual(expect.arrayContaining(['cpu', 'mem', 'swap', 'diskio', 'net', 'system', 'processes']));
    expect(third?.metrics.every(({ tags }) => tags['host'] === 'test')).toBe(true);
    expect(written.join('')).not.toContain('usage_idle');
  } finally {
    await stop();
  }
});
