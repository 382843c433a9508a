/** When the part for alerts sends the heartbeat, with real rules and a real outbox. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Clock } from '../../src/plugin/index.ts';
import { AlertsPart } from '../../src/alerts/part.ts';
import { checkConfig } from '../../src/config/load.ts';
import { openHost } from '../../src/host/machine.ts';
import { pluginContext } from '../../src/host/context.ts';
import { internTags } from '../../src/metric/series.ts';
import { builtInPlugins } from '../../src/registry/registry.ts';
import { manualClock } from '../../src/testing.ts';
import { startFakeHttp, type FakeHttp } from '../support/fakes/http.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { settle } from '../support/kit/settle.ts';

const RULE = { id: 'load', metric: 'system.load1', above: { critical: 5 } };
const NEVER = new AbortController().signal;

let folder: string;
let service: FakeHttp;
let status: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-heartbeat-'));
  status = 410;
  service = await startFakeHttp(() => ({ status }));
});

afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

async function running(rules: readonly object[]) {
  const manual = manualClock();
  let isStalled = false;
  // A tick is at most 10 s after the one before.
  const after: Clock['after'] = (ms, callback) =>
    isStalled && ms <= 10_000 ? () => undefined : manual.after(ms, callback);
  const clock = { ...manual, after };
  const log = recordingLog();
  let beats = 0;
  const part = new AlertsPart({
    contextOf: () => pluginContext({ clock, log }),
    host: openHost(),
    sight: () => undefined,
    explain: () => Promise.resolve([]),
    onEntry: () => undefined,
    self: { snapshot: () => [] },
    http: () => {
      beats += 1;
      return Promise.resolve({ status: 200, headers: new Map(), body: '', isCut: false });
    },
    stopTimeout: () => 1000,
    clock,
    random: () => 0,
    log,
  });
  const file = {
    notifiers: { ops: { webhook: { url: service.url } } },
    alerts: { defaults: 'off', rules, heartbeat: { url: 'http://x.test/' } },
  };
  const config = await checkConfig(file, { cwd: '/', environment: {}, registry: builtInPlugins });
  const section = {
    settings: config.alerts,
    notifiers: config.notifiers,
    stateDirectory: folder,
    globalTags: { host: 'a' },
    inputs: [],
    hasInternal: true,
  };
  const prepared = await part.prepare(section, NEVER);
  await prepared.use();
  /** Runs the ticks and what they start. */
  const pass = async (minutes: number) => {
    for (let count = 0; count < minutes * 12; count += 1) {
      clock.advance(5000);
      await settle();
    }
  };
  const load = (load1: number) => {
    const time = BigInt(clock.now()) * 1_000_000n;
    part.observe({ name: 'system', tags: internTags({ host: 'a' }), fields: { load1 }, time });
  };
  const stall = () => {
    isStalled = true;
  };
  return { part, clock, log, stall, pass, load, beats: () => beats };
}

describe('N-008: the heartbeat of the agent', () => {
  it('is sent each minute while rules are evaluated, and not after the stop', async () => {
    const { part, clock, pass, beats } = await running([RULE]);
    await pass(3);
    expect(beats()).toBe(4);
    await part.stop(AbortSignal.timeout(1000));
    clock.advance(600_000);
    await settle();
    expect(beats()).toBe(4);
  });

  it('is not sent without rules', async () => {
    const { part, log, pass, beats } = await running([]);
    await pass(3);
    expect(beats()).toBe(0);
    expect(log.lines).toEqual(['warn: The heartbeat is withheld: there are no rules']);
    await part.stop(AbortSignal.timeout(1000));
  });

  it('is withheld if the ticks of alerts stop', async () => {
    const { part, log, pass, beats, stall } = await running([RULE]);
    await pass(1);
    expect(beats()).toBe(2);
    stall();
    await pass(5);
    expect(beats()).toBeLessThan(4);
    expect(log.lines).toEqual(['warn: The heartbeat is withheld: rules are not evaluated']);
    await part.stop(AbortSignal.timeout(1000));
  });

  it('is withheld once a receiver has failed for ten minutes, and sent again when it works', async () => {
    const { part, log, pass, load, beats } = await running([RULE]);
    /** The answers of the service take real time. */
    const passWithAnswers = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 1) {
        await pass(1);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    load(9);
    await passWithAnswers(9);
    expect(service.requests.length).toBeGreaterThan(0);
    expect(beats()).toBe(10);
    await passWithAnswers(5);
    const before = beats();
    expect(before).toBeLessThan(13);
    await passWithAnswers(3);
    expect(beats()).toBe(before);
    expect(log.lines).toContain('warn: The heartbeat is withheld: notifications to ops do not arrive');
    status = 200;
    await passWithAnswers(20);
    expect(beats()).toBeGreaterThan(before);
    expect(log.lines).toContain('info: The heartbeat is sent again');
    await part.stop(AbortSignal.timeout(1000));
  });
});
