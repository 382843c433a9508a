/** A hub with 500 agents, which are simulated: one that falls silent, a hub that dies, and a site that is lost. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import type { FleetAnswer } from '../../src/api/fleet.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses, hostNotifications, NOTIFIED_AT_ONCE } from '../support/kit/fleet.ts';
import { SimulatedAgents } from '../support/kit/simulated-agents.ts';
import { waitFor } from '../support/servers/real-server.ts';

const LIMIT = 300_000;
/** A busy machine is late. */
const PATIENT = { timeout: 120_000, interval: 1000 };
const [NEAR, FAR] = [260, 240];

let fleet: FleetProcesses;
let hook: FakeService;
let agents: SimulatedAgents;

beforeEach(async () => {
  hook = await fakeService({ status: 200, body: '' });
  fleet = new FleetProcesses({ hub: { late: '10s', down: '30s' }, ...NOTIFIED_AT_ONCE(hook.url) });
  await fleet.startHub();
  agents = new SimulatedAgents(fleet.url);
}, LIMIT);

afterEach(async () => {
  agents.close();
  await fleet.close();
  await hook.close();
}, 60_000);

const notified = () => hostNotifications(hook.taken);

/** How many hosts are in each state. */
async function counts(): Promise<Readonly<Record<string, number>>> {
  const of: Record<string, number> = {};
  for (const presence of Object.values(await fleet.presences())) of[presence] = (of[presence] ?? 0) + 1;
  return of;
}

test(
  'one of 500 is notified once, a restart of the hub not at all, and 240 that fall silent together as one',
  async () => {
    const token = async (count: number, site: string) =>
      (await fleet.newAddress('--uses', String(count), '--tags', `site=${site}`)).split('#')[1] ?? '';
    const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    const [first] = await agents.join(await token(NEAR, 'ams1'), names('near', NEAR));
    const far = await agents.join(await token(FAR, 'fra1'), names('far', FAR));
    await waitFor(async () => (await counts())['up'] === NEAR + FAR, PATIENT);
    if (first === undefined) throw new Error('Nobody has joined');
    first.isSilent = true;
    await waitFor(() => notified().includes(`firing host_down ${first.name}`), PATIENT);
    await fleet.stopHub('SIGKILL');
    await fleet.startHub();
    await waitFor(async () => (await counts())['up'] === NEAR + FAR - 1, PATIENT);
    first.isSilent = false;
    await waitFor(() => notified().includes(`resolved host_down ${first.name}`), PATIENT);
    for (const each of far) each.isSilent = true;
    await waitFor(() => notified().includes('firing site_lost fra1'), PATIENT);
    await waitFor(async () => (await counts())['unreachable'] === FAR, PATIENT);
    for (const each of far) each.isSilent = false;
    await waitFor(() => notified().includes('resolved site_lost fra1'), PATIENT);
    await waitFor(async () => (await counts())['up'] === NEAR + FAR, PATIENT);
    expect(notified()).toEqual([
      `firing host_down ${first.name}`,
      `resolved host_down ${first.name}`,
      'firing site_lost fra1',
      'resolved site_lost fra1',
    ]);
    const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
    const confirmed = new Map(agents.members.map((each) => [each.name, each.confirmed]));
    for (const { name, lines } of hosts) {
      expect({ name, ...lines }).toMatchObject({ name, missing: 0, lost: 0 });
      expect(lines.received).toBeGreaterThanOrEqual(confirmed.get(name) ?? Infinity);
    }
  },
  LIMIT,
);
