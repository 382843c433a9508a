/** From the entry of an input to the end of its alerts, in a whole agent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { Agent } from '../../src/agent/agent.ts';
import type { Config } from '../../src/config/config.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import type { AuditEntry, Input } from '../../src/plugin/index.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { fakeRule } from '../alerts/engine/engine-kit.ts';
import { configOf, inputEntry, noAlerts, pass } from '../support/kit/runner.ts';
import { settle } from '../support/kit/settle.ts';

const MINUTE = 60_000;

let folder: string;
let agent: Agent;
const clock = manualClock(1_700_000_000_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-departure-'));
});
afterEach(async () => {
  const stopping = agent.stop();
  await pass(clock, 6000, 500);
  await stopping;
  rmSync(folder, { recursive: true });
});

const queue = (name: string) => {
  const gather: Input['gather'] = (acc) => {
    acc.add('queue', { depth: 10 }, { name });
  };
  return inputEntry({ gather }, { alias: name, fingerprint: name });
};

async function started() {
  const rule = fakeRule({
    id: 'long',
    measurement: 'queue',
    field: 'depth',
    groupBy: ['name'],
    lines: { info: [5, 5] },
  });
  const inputs = [queue('mails'), queue('jobs')];
  const config = configOf({ state_dir: folder, inputs, alerts: { ...noAlerts(), rules: [rule] } });
  const audited: AuditEntry[] = [];
  agent = new Agent({
    config,
    version: 'test',
    environment: {},
    logFor: () => silentLog,
    clock,
    random: () => 0,
    journal: LineJournal.inMemory({ memoryBytes: 1e6, clock, log: silentLog }),
    writeAudit: (entry) => audited.push(entry),
  });
  await agent.start();
  await settle();
  await pass(clock, MINUTE);
  /** Transitions since the last call. */
  const taken = () =>
    audited.splice(0).map(({ reason, host, detail }) => {
      const { tags, detail: why } = detail as { tags: Record<string, string>; detail?: string };
      return [reason, tags['name'], host, why].filter(Boolean).join(' ');
    });
  expect(taken()).toEqual(['fired mails test', 'fired jobs test']);
  const reload = async (change: Partial<Config>) => {
    await agent.reload({ ...config, ...change });
    await pass(clock, 3 * MINUTE);
  };
  return { config, taken, reload };
}

test('F-013: a reload without an input resolves its alerts', async () => {
  const { taken, reload } = await started();
  await reload({ inputs: [queue('jobs')] });
  expect(taken()).toEqual(['resolved mails test input_removed']);
});

test('F-013: a reload with another hostname resolves the alerts of the old one', async () => {
  const { config, taken, reload } = await started();
  await reload({ agent: { ...config.agent, hostname: 'new' } });
  expect(taken()).toEqual([
    'fired mails new',
    'fired jobs new',
    'resolved mails test host_renamed',
    'resolved jobs test host_renamed',
  ]);
});
