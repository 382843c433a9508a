/** A hub and an agent as processes: the agent changes its key while one of them is killed, and goes on as the same host. */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { FleetProcesses, type AgentProcess } from '../support/kit/fleet.ts';
import { waitFor } from '../support/servers/real-server.ts';

const LIMIT = 240_000;
const PATIENT = { timeout: 60_000, interval: 500 };
/** The hub asks for the key with a heartbeat, which comes every five seconds. */
const LONGEST_WAIT_MS = 6000;

let fleet: FleetProcesses;
let agent: AgentProcess;

beforeAll(async () => {
  fleet = new FleetProcesses({ hub: { late: '30s', down: '300s' } });
  await fleet.startHub();
  agent = await fleet.addAgent('web1');
  await waitFor(async () => (await fleet.presences())['web1'] === 'up', PATIENT);
}, LIMIT);

afterAll(() => fleet.close(), 60_000);

const KILLED = {
  nobody: () => Promise.resolve(),
  'the agent': async () => {
    await agent.end('SIGKILL');
    await agent.start();
  },
  'the hub': async () => {
    await fleet.stopHub('SIGKILL');
    await fleet.startHub();
  },
};

const changes = async () => (await fleet.events())['web1']?.filter((kind) => kind === 'key_changed').length ?? 0;

test.each(['nobody', 'the agent', 'the hub', 'the agent', 'the hub'] as const)(
  'killed meanwhile: %s',
  async (who) => {
    const [{ id, key }, before] = [agent.membership, await changes()];
    await fleet.run('hub', 'rotate', 'web1');
    const wait = randomInt(LONGEST_WAIT_MS);
    await sleep(wait);
    await KILLED[who]();
    try {
      await waitFor(async () => (await changes()) > before && agent.membership.nextKey === undefined, PATIENT);
    } catch (error) {
      throw new Error(`Killed after ${wait} ms`, { cause: error });
    }
    expect(agent.membership).toMatchObject({ id, formerKey: key });
    expect(await fleet.presences()).toEqual({ web1: 'up' });
    expect((await fleet.events())['web1']).not.toContain('cloned');
    await fleet.allCome(agent);
  },
  LIMIT,
);
