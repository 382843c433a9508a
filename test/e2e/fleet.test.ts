/** A hub and its agents as processes: what happens to hosts, what the hub says of it, and that no line is missing afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { FleetAnswer } from '../../src/api/fleet.ts';
import type { Notification } from '../../src/plugin/notification.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses, type AgentProcess } from '../support/kit/fleet.ts';
import { waitFor } from '../support/servers/real-server.ts';

const LIMIT = 240_000;
const DOWN_MS = 14_000;
/** A busy machine is late. */
const PATIENT = { timeout: 60_000, interval: 500 };

let fleet: FleetProcesses;
let hook: FakeService;

beforeAll(async () => {
  hook = await fakeService({ status: 200, body: '' });
  fleet = new FleetProcesses({
    hub: { late: '10s', down: `${DOWN_MS}ms` },
    notifiers: { hook: { webhook: { url: hook.url, format: 'healthd' } } },
    alerts: {
      startup_grace: '0s',
      route: {
        notify: [],
        group_by: ['...'],
        group_wait: '0s',
        group_interval: '1s',
        routes: [{ match: { rule: ['host_down', 'site_lost', 'host_stopped'] }, notify: ['hook'] }],
      },
    },
  });
  await fleet.startHub();
}, LIMIT);

afterAll(async () => {
  await fleet.close();
  await hook.close();
}, 60_000);

/** What was notified: `firing host_down db1`. */
function notified(): readonly string[] {
  const all = hook.taken.map(({ body }) => JSON.parse(body) as Notification);
  return all.flatMap(({ alerts }) =>
    alerts.map(
      (alert) =>
        `${alert.status} ${alert.rule} ${alert.rule === 'site_lost' ? (alert.tags['site'] ?? '') : alert.host}`,
    ),
  );
}

function isPresence(name: string, presence: string): () => Promise<boolean> {
  return async () => (await fleet.presences())[name] === presence;
}

describe('a fleet', () => {
  test(
    'each state is right and notified once; a stop and a reboot are not notified at all',
    async () => {
      const names = ['killed', 'stopped', 'rebooted', 'cloned', 'renamed', 'cut'] as const;
      const agents = {} as Record<(typeof names)[number], AgentProcess>;
      for (const name of names) agents[name] = await fleet.addAgent(name);
      await waitFor(async () => Object.values(await fleet.presences()).every((each) => each === 'up'), PATIENT);
      await sleep(2000);
      await fleet.allCome(agents.cut);

      await agents.killed.end('SIGKILL');
      const killedAt = Date.now();
      agents.cut.cut();
      await agents.stopped.end('SIGTERM');
      await agents.rebooted.end('SIGKILL');
      agents.rebooted.boot();
      await agents.rebooted.start();
      await agents.renamed.end('SIGTERM');
      agents.renamed.rename('renamed-2');
      await agents.renamed.start();
      await fleet.cloneOf(agents.cloned, 'clone');

      await waitFor(() => Promise.resolve(notified().includes('firing host_down killed')), PATIENT);
      expect(Date.now() - killedAt).toBeGreaterThan(DOWN_MS - 1000);
      await waitFor(isPresence('cut', 'down'), PATIENT);
      expect(await fleet.presences()).toMatchObject({ stopped: 'stopped', rebooted: 'up', 'renamed-2': 'up' });

      // The hub dies while two hosts are down; one comes back meanwhile, the other stays away.
      await fleet.stopHub('SIGKILL');
      agents.cut.heal();
      await fleet.startHub();
      await waitFor(isPresence('cut', 'up'), PATIENT);
      await waitFor(() => Promise.resolve(notified().includes('resolved host_down cut')), PATIENT);
      await fleet.allCome(agents.cut);
      expect(await fleet.presences()).toMatchObject({ killed: 'down', stopped: 'stopped' });
      await agents.killed.start();
      await waitFor(() => Promise.resolve(notified().includes('resolved host_down killed')), PATIENT);

      const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
      const clones = hosts.filter(({ name }) => name === 'cloned');
      expect(clones).toHaveLength(2);
      expect(clones.filter(({ clonedFrom }) => clonedFrom !== null)).toHaveLength(1);
      expect(hosts.find(({ name }) => name === 'renamed-2')?.formerNames).toMatchObject([{ name: 'renamed' }]);
      const events = await fleet.events();
      expect(events['rebooted']).toEqual(['joined', 'rebooted']);
      expect(events['killed']).toEqual(['joined', 'down', 'up']);
      expect(events['stopped']).toEqual(['joined', 'stopped']);
      await Promise.all(
        [agents.killed, agents.rebooted, agents.renamed, agents.cloned].map((agent) => fleet.allCome(agent)),
      );
      const after = await fleet.ask<FleetAnswer>('hub', 'hosts');
      for (const { name, clonedFrom, lines } of after.hosts)
        expect({ name, clonedFrom, ...lines }).toMatchObject({ name, clonedFrom, missing: 0, lost: 0 });
      expect([...notified()].sort()).toEqual([
        'firing host_down cut',
        'firing host_down killed',
        'resolved host_down cut',
        'resolved host_down killed',
      ]);
      await Promise.all(Object.values(agents).map((agent) => agent.end('SIGTERM')));
    },
    LIMIT,
  );

  test(
    'most hosts of a site silent at once: one alert, and one end of it',
    async () => {
      const before = notified().length;
      const agents: AgentProcess[] = [];
      for (const name of ['x1', 'x2', 'x3', 'x4']) agents.push(await fleet.addAgent(name, { tags: 'site=fra1' }));
      await waitFor(isPresence('x4', 'up'), PATIENT);
      for (const agent of agents.slice(0, 3)) agent.signal('SIGSTOP');
      await waitFor(isPresence('x1', 'unreachable'), PATIENT);
      await sleep(2000);
      for (const agent of agents) agent.signal('SIGCONT');
      await waitFor(isPresence('x1', 'up'), PATIENT);
      await waitFor(() => Promise.resolve(notified().includes('resolved site_lost fra1')), PATIENT);
      await sleep(2000);
      expect(notified().slice(before)).toEqual(['firing site_lost fra1', 'resolved site_lost fra1']);
    },
    LIMIT,
  );
});
