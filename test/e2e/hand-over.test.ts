/** A hub and an agent as processes: one of them notifies, and ends what it has begun, also when the hub dies in between. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { AlertsAnswer } from '../../src/api/alerts.ts';
import type { Notification } from '../../src/plugin/notification.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses, type AgentProcess } from '../support/kit/fleet.ts';
import { waitFor } from '../support/servers/real-server.ts';

const LIMIT = 240_000;
const PATIENT = { timeout: 60_000, interval: 300 };
const AT_ONCE = {
  flapping: { changes: 0 },
  startup_grace: '0s',
  route: { group_by: ['...'], group_wait: '0s', group_interval: '1s' },
};

let fleet: FleetProcesses;
let agent: AgentProcess;
let ofHub: FakeService;
let ofAgent: FakeService;

beforeAll(async () => {
  [ofHub, ofAgent] = await Promise.all([okService(), okService()]);
  fleet = new FleetProcesses({
    hub: { late: '10s', down: '300s' },
    notifiers: { hook: { webhook: { url: ofHub.url, format: 'healthd' } } },
    alerts: { ...AT_ONCE, defaults: 'off' },
  });
  await fleet.startHub();
  agent = await fleet.addAgent('web1', {
    hub: { deliver_after: '6s' },
    memory: 50,
    notifiers: { own: { webhook: { url: ofAgent.url, format: 'healthd' } } },
    alerts: {
      ...AT_ONCE,
      defaults: 'off',
      rules: [
        {
          id: 'memory_full',
          summary: 'Memory of {{ host }} is full',
          metric: 'mem.available_percent',
          below: { critical: 10 },
        },
      ],
    },
  });
  await waitFor(async () => (await fleet.presences())['web1'] === 'up', PATIENT);
}, LIMIT);

afterAll(async () => {
  await fleet.close();
  await Promise.all([ofHub.close(), ofAgent.close()]);
}, 60_000);

function okService(): Promise<FakeService> {
  return fakeService({ status: 200, body: '' });
}

/** As `firing memory_full web1`. */
function heard({ taken }: FakeService): readonly string[] {
  const all = taken.map(({ body }) => JSON.parse(body) as Notification);
  return all.flatMap(({ alerts }) => alerts.map(({ status, rule, host }) => `${status} ${rule} ${host}`));
}

function hears(service: FakeService, count: number): Promise<void> {
  return waitFor(() => Promise.resolve(heard(service).length >= count), PATIENT);
}

test(
  'the hub notifies, and ends it, and its list says where the alert fires',
  async () => {
    agent.setMemory(5);
    await hears(ofHub, 1);
    const listed = await fleet.ask<AlertsAnswer['alerts']>('alerts');
    expect(listed).toMatchObject([{ alert: { rule: 'memory_full', host: 'web1' }, from: { name: 'web1' } }]);
    const own = JSON.parse(await agent.run('alerts', '--json')) as AlertsAnswer['alerts'];
    expect(own).toMatchObject([{ suppressed: ['the hub notifies'] }]);
    expect(own[0]?.alert.fingerprint).toBe(listed[0]?.alert.fingerprint);
    agent.setMemory(50);
    await hears(ofHub, 2);
    expect(heard(ofHub)).toEqual(['firing memory_full web1', 'resolved memory_full web1']);
    expect(heard(ofAgent)).toEqual([]);
  },
  LIMIT,
);

test(
  'what the hub has begun it ends after its restart',
  async () => {
    const before = heard(ofHub).length;
    agent.setMemory(5);
    await hears(ofHub, before + 1);
    await fleet.stopHub('SIGKILL');
    agent.setMemory(50);
    await waitFor(async () => (await agent.run('alerts', '--json')).trim() === '[]', PATIENT);
    await fleet.startHub();
    await hears(ofHub, before + 2);
    expect(heard(ofHub).slice(before)).toEqual(['firing memory_full web1', 'resolved memory_full web1']);
    expect(heard(ofAgent)).toEqual([]);
  },
  LIMIT,
);

/** @returns id of the alert that fires at the hub */
async function firing(): Promise<string> {
  let id = '';
  await waitFor(async () => {
    const [listed] = await fleet.ask<AlertsAnswer['alerts']>('alerts');
    id = listed?.alert.fingerprint ?? '';
    return id !== '';
  }, PATIENT);
  return id;
}

test(
  'one that is ended by hand at the hub ends at its agent too, is resolved once, and fires again if it is still so',
  async () => {
    const before = heard(ofHub).length;
    agent.setMemory(5);
    await hears(ofHub, before + 1);
    const id = await firing();
    expect(await fleet.run('alerts', 'resolve', id, '--by', 'ana')).toContain(`Resolved ${id}`);
    await hears(ofHub, before + 3);
    await waitFor(async () => (await agent.run('alerts', '--history', '--limit', '100')).includes('ana'), PATIENT);
    agent.setMemory(50);
    await hears(ofHub, before + 4);
    await waitFor(async () => (await fleet.ask<AlertsAnswer['alerts']>('alerts')).length === 0, PATIENT);
    const once = ['firing memory_full web1', 'resolved memory_full web1'];
    expect(heard(ofHub).slice(before)).toEqual([...once, ...once]);
    expect(heard(ofAgent)).toEqual([]);
  },
  LIMIT,
);

test(
  'without the hub the agent notifies after its time, and ends it, although the hub is back',
  async () => {
    const before = heard(ofHub).length;
    await fleet.stopHub('SIGKILL');
    const began = Date.now();
    agent.setMemory(5);
    await hears(ofAgent, 1);
    expect(Date.now() - began).toBeGreaterThan(6000);
    await fleet.startHub();
    const isKnown = async () => {
      const [listed] = await fleet.ask<AlertsAnswer['alerts']>('alerts');
      return listed?.suppressed.includes('the agent of web1 notifies') === true;
    };
    await waitFor(isKnown, PATIENT);
    agent.setMemory(50);
    await hears(ofAgent, 2);
    await waitFor(async () => (await fleet.ask<AlertsAnswer['alerts']>('alerts')).length === 0, PATIENT);
    expect(heard(ofAgent)).toEqual(['firing memory_full web1', 'resolved memory_full web1']);
    expect(heard(ofHub).slice(before)).toEqual([]);
  },
  LIMIT,
);
