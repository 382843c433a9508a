/** Agents in a network of their own, whose packets to the hub are dropped: no connection ends, nothing is refused, nothing arrives. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { FleetAnswer } from '../../src/api/fleet.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses, hostNotifications, NOTIFIED_AT_ONCE } from '../support/kit/fleet.ts';
import { namespaceObstacle, openNamespace, type Namespace } from '../support/servers/namespace.ts';
import { waitFor } from '../support/servers/real-server.ts';

const LIMIT = 240_000;
/** A busy machine is late, and TCP sends again after longer and longer. */
const PATIENT = { timeout: 120_000, interval: 500 };

const obstacle = namespaceObstacle();
const title = 'an agent whose packets are dropped is down once, comes back by itself, and no line is missing';

let fleet: FleetProcesses | undefined;
let hook: FakeService | undefined;
let network: Namespace | undefined;

beforeAll(async () => {
  if (obstacle !== undefined) return;
  network = openNamespace(0);
  hook = await fakeService({ status: 200, body: '' });
  const hub = { late: '10s', down: '30s' };
  fleet = new FleetProcesses({ hub, ...NOTIFIED_AT_ONCE(hook.url), address: network.address });
  await fleet.startHub();
}, LIMIT);

afterAll(async () => {
  await fleet?.close();
  await hook?.close();
  network?.remove();
}, 60_000);

async function work(): Promise<void> {
  if (fleet === undefined || hook === undefined || network === undefined)
    throw new Error(`This test ${obstacle ?? ''}`);
  const { taken } = hook;
  const all = fleet;
  const near = await all.addAgent('near');
  const far = await all.addAgent('far', { namespace: network.name });
  const isPresence = async (name: string, presence: string) => (await all.presences())[name] === presence;
  await waitFor(async () => (await isPresence('near', 'up')) && (await isPresence('far', 'up')), PATIENT);
  await all.allCome(far);
  network.drop();
  await waitFor(() => isPresence('far', 'down'), PATIENT);
  await waitFor(() => hostNotifications(taken).includes('firing host_down far'), PATIENT);
  const made = far.lines.length;
  await waitFor(() => far.lines.length > made + 2, PATIENT);
  expect(all.absentOf(far.lines).length).toBeGreaterThan(0);
  network.heal();
  await waitFor(() => isPresence('far', 'up'), PATIENT);
  await waitFor(() => hostNotifications(taken).includes('resolved host_down far'), PATIENT);
  await all.allCome(far);
  await all.allCome(near);
  const { hosts } = await all.ask<FleetAnswer>('hub', 'hosts');
  for (const { name, lines, presence } of hosts)
    expect({ name, presence, ...lines }).toMatchObject({ name, presence: 'up', missing: 0, lost: 0 });
  expect(hostNotifications(taken)).toEqual(['firing host_down far', 'resolved host_down far']);
}

// In continuous integration it runs, or fails.
if (obstacle === undefined || process.env['CI'] === 'true') test(title, work, LIMIT);
else test.skip(`${title} (${obstacle})`, work);
