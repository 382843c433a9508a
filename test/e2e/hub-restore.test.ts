/** A hub that is restored from a copy, while its agents have gone on. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { FleetAnswer, FleetEventsAnswer } from '../../src/api/fleet.ts';
import { FleetProcesses, type AgentProcess } from '../support/kit/fleet.ts';
import { waitFor } from '../support/servers/real-server.ts';

const LIMIT = 240_000;
/** A busy machine is late. */
const PATIENT = { timeout: 60_000, interval: 500 };

let fleet: FleetProcesses;

beforeAll(async () => {
  fleet = new FleetProcesses({ hub: { late: '10s', down: '30s' } });
  await fleet.startHub();
}, LIMIT);

afterAll(() => fleet.close(), 60_000);

const inHub = (name: string) => join(fleet.folder, 'hub', name);

/** What `doctor` of an agent says. */
function problemsOf(agent: AgentProcess): Promise<string> {
  return agent.run('doctor').catch(String);
}

async function allUp(): Promise<boolean> {
  return Object.values(await fleet.presences()).every((each) => each === 'up');
}

test(
  'agents that are ahead of the copy go on, and no line is missing, lost or counted as lost',
  async () => {
    const agents = [await fleet.addAgent('web1'), await fleet.addAgent('db1')];
    await waitFor(allUp, PATIENT);
    await waitFor(() => Promise.resolve(fleet.lines.length > 4), PATIENT);
    await fleet.run('hub', 'backup', 'copy.db');
    expect(statSync(inHub('copy.db')).mode & 0o777).toBe(0o600);
    await expect(fleet.run('hub', 'backup', 'copy.db')).rejects.toThrow('copy.db exists; choose another file');
    await expect(fleet.run('hub', 'backup', 'none/copy.db')).rejects.toThrow(/the folder \S+none does not exist/);
    await expect(fleet.run('hub', 'restore', 'copy.db')).rejects.toThrow('stop it first');
    const before = await fleet.ask<FleetAnswer>('hub', 'hosts');

    await fleet.run('hub', 'token', 'create');
    const had = fleet.lines.length;
    await waitFor(() => Promise.resolve(fleet.lines.length > had + 6), PATIENT);
    await fleet.stopHub('SIGKILL');
    await sleep(3000);
    const kept = readFileSync(inHub('state/hub.db'));
    writeFileSync(inHub('garbage.db'), 'no database');
    await expect(fleet.run('hub', 'restore', 'garbage.db')).rejects.toThrow('it is not a copy of a hub');
    expect(readFileSync(inHub('state/hub.db')).equals(kept)).toBe(true);
    expect(await fleet.run('hub', 'restore', 'copy.db')).toMatch(/^The hub has the 2 hosts of .*copy\.db now, as/);

    await fleet.startHub();
    await waitFor(allUp, PATIENT);
    await Promise.all(agents.map((agent) => fleet.allCome(agent)));
    // The agents have nothing left then: what were missing would count as lost.
    await sleep(6000);
    const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
    expect(hosts.map(({ id, name }) => [id, name])).toEqual(before.hosts.map(({ id, name }) => [id, name]));
    for (const { lines, presence } of hosts)
      expect([presence, lines]).toMatchObject(['up', { missing: 0, lost: 0, completeSince: expect.any(Number) }]);
    expect(await fleet.ask('hub', 'token', 'list')).toEqual([]);
    const events = await fleet.ask<FleetEventsAnswer['events']>('hub', 'events');
    expect(events.map(({ kind }) => kind).filter((kind) => kind !== 'joined')).toEqual(['restored']);

    await fleet.run('hub', 'label', 'db1', 'team=shop', 'site=fra1');
    expect(await fleet.run('hub', 'label', 'db1', 'site=')).toBe('db1: team=shop\n');
    await fleet.run('hub', 'revoke', 'db1');
    const [, db1] = agents;
    await waitFor(
      async () => (await problemsOf(db1!)).includes('answers, but: The hub has revoked this host'),
      PATIENT,
    );
  },
  LIMIT,
);
