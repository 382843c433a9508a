/**
 * A hub and twenty agents as processes: what happens to hosts, what the hub says and notifies of it, and that no line is missing
 * afterwards. `fleet-hosts.txt` is what `healthd hub hosts` prints in the end; UPDATE_GOLDEN=1 rewrites it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { afterAll, beforeAll, describe, expect } from '@jest/globals';

import type { FleetAnswer } from '../../src/api/fleet.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses, hostNotifications, NOTIFIED_AT_ONCE } from '../support/kit/fleet.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';

const LIMIT = 300_000;
const DOWN_MS = 14_000;
/** A busy machine is late. */
const PATIENT = { timeout: 90_000, interval: 500 };
const TABLE = join(import.meta.dirname, 'fleet-hosts.txt');
const DAY_S = 86_400;

const realTest = testWith({ binary: 'faketime', package: 'faketime' });

let fleet: FleetProcesses;
let hook: FakeService;

beforeAll(async () => {
  hook = await fakeService({ status: 200, body: '' });
  fleet = new FleetProcesses({ hub: { late: '10s', down: `${DOWN_MS}ms` }, ...NOTIFIED_AT_ONCE(hook.url) });
  await fleet.startHub();
}, LIMIT);

afterAll(async () => {
  await fleet.close();
  await hook.close();
}, 60_000);

const notified = () => hostNotifications(hook.taken);

function until(isTrue: () => boolean | Promise<boolean>): Promise<unknown> {
  return waitFor(() => Promise.resolve(isTrue()), PATIENT);
}

async function untilPresence(expected: Readonly<Record<string, string>>): Promise<void> {
  let seen: unknown;
  await until(async () => {
    const is = await fleet.presences();
    seen = Object.fromEntries(Object.keys(expected).map((name) => [name, is[name]]));
    return isDeepStrictEqual(seen, expected);
  }).catch(() => {
    expect(seen).toEqual(expected);
  });
}

/** Times and counts are replaced; names, states, losses and the clock's offset, to the hour, are not. */
function normalised(table: string): string {
  const [head = '', ...rows] = table.trimEnd().split('\n');
  const lines = rows.map((row) => {
    const [host = '', state = '', ...rest] = row.trim().split(/ {2,}/);
    const [clock = '', complete = '', lost = ''] = rest.toReversed();
    const offset = Math.round(Number.parseFloat(clock.replace(' s', '').replaceAll(',', '')) / 3600);
    return [host, state, `lost ${lost}`, complete === '-' ? 'not complete' : 'complete', `clock ${offset} h`].join(
      ' | ',
    );
  });
  return [head.trim().split(/ {2,}/).join(' | '), ...lines, ''].join('\n');
}

describe('a fleet', () => {
  realTest(
    'each state is right and notified once; a stop, a reboot and a reload are not notified, a lost site is one alert',
    async () => {
      const sites = [
        await fleet.addAgents(['steady1', 'steady2', 'steady3', 'steady4', 'steady5'], { tags: 'site=ams1' }),
        await fleet.addAgents(['x1', 'x2', 'x3', 'x4'], { tags: 'site=fra1' }),
      ] as const;
      const agents = {
        ...(await fleet.addAgents(['killed', 'returned', 'stopped', 'rebooted', 'crashed', 'cloned', 'renamed'])),
        ...(await fleet.addAgents(['cut', 'reloaded'])),
        ...(await fleet.addAgents(['ahead', 'behind'], { hasOwnClock: true })),
      };
      const all = [...Object.values(agents), ...sites.flatMap((site) => Object.values(site))];
      expect(all).toHaveLength(20);
      await untilPresence(Object.fromEntries(all.map(({ name }) => [name, 'up'])));
      // The table has a column for it.
      await until(async () => {
        const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
        return hosts.every(({ offsetMs }) => offsetMs !== null);
      });
      await fleet.allCome(agents.cut);

      // What makes a host down.
      await Promise.all([agents.killed.end('SIGKILL'), agents.returned.end('SIGKILL')]);
      const killedAt = Date.now();
      agents.cut.cut();
      // What does not.
      agents.rebooted.reboots();
      await Promise.all([agents.stopped.end('SIGTERM'), agents.rebooted.end('SIGTERM'), agents.crashed.end('SIGKILL')]);
      agents.crashed.boot();
      await agents.crashed.start();
      await agents.renamed.end('SIGTERM');
      agents.renamed.rename('renamed-2');
      await agents.renamed.start();
      await agents.reloaded.changeHubOutput({ batch_lines: 500 });
      const clone = await fleet.cloneOf(agents.cloned, 'clone');
      agents.ahead.clock.step(DAY_S);
      agents.behind.clock.step(-3600);

      await until(() => notified().includes('firing host_down killed'));
      expect(Date.now() - killedAt).toBeGreaterThan(DOWN_MS - 1000);
      await untilPresence({ killed: 'down', returned: 'down', cut: 'down', rebooted: 'late', stopped: 'stopped' });
      await untilPresence({ crashed: 'up', 'renamed-2': 'up', reloaded: 'up', ahead: 'up', behind: 'up' });
      agents.rebooted.boot();
      await agents.rebooted.start();

      // The hub dies while hosts are down; one comes back meanwhile, the others stay away.
      await fleet.stopHub('SIGKILL');
      agents.cut.heal();
      await fleet.startHub();
      await untilPresence({ cut: 'up', killed: 'down', returned: 'down', stopped: 'stopped', rebooted: 'up' });
      await until(() => notified().includes('resolved host_down cut'));
      await agents.returned.start();
      await until(() => notified().includes('resolved host_down returned'));

      const lost = Object.values(sites[1]).slice(0, 3);
      for (const agent of lost) agent.signal('SIGSTOP');
      await untilPresence({ x1: 'unreachable', x2: 'unreachable', x3: 'unreachable' });
      await until(() => notified().includes('firing site_lost fra1'));
      for (const agent of lost) agent.signal('SIGCONT');
      await untilPresence({ x1: 'up', x2: 'up', x3: 'up' });
      await until(() => notified().includes('resolved site_lost fra1'));

      const ended = [agents.killed, agents.stopped];
      for (const agent of all.filter((each) => !ended.includes(each))) await fleet.allCome(agent);
      await fleet.allCome(clone);
      const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
      const clones = hosts.filter(({ name }) => name === 'cloned');
      expect(clones.filter(({ clonedFrom }) => clonedFrom !== null)).toHaveLength(1);
      expect(hosts.find(({ name }) => name === 'renamed-2')?.formerNames).toMatchObject([{ name: 'renamed' }]);
      expect(await fleet.events()).toMatchObject({
        killed: ['joined', 'down'],
        returned: ['joined', 'down', 'up'],
        cut: ['joined', 'down', 'up'],
        stopped: ['joined', 'stopped'],
        rebooted: ['joined', 'rebooted'],
        crashed: ['joined', 'rebooted'],
        reloaded: ['joined'],
        // Again when the hub has been restarted.
        ahead: expect.arrayContaining(['joined', 'ahead']),
        behind: ['joined'],
        x1: ['joined', 'unreachable', 'up'],
        x4: ['joined'],
      });
      // The offsets are of the shortest round trips of the last 100 seconds.
      const table = async () => normalised(await fleet.run('hub', 'hosts'));
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(TABLE, await table());
      const expected = readFileSync(TABLE, 'utf8');
      await waitFor(async () => (await table()) === expected, { ...PATIENT, timeout: 120_000 }).catch(() => undefined);
      if ((await table()) !== expected) {
        const absent = all.flatMap(({ lines, hasOwnClock }) => fleet.absentOf(lines, hasOwnClock));
        process.stderr.write(`${await fleet.run('hub', 'events')}\nLines that have not come: ${absent.join('\n')}\n`);
      }
      expect(await table()).toBe(expected);
      expect([...notified()].sort()).toEqual([
        'firing host_down cut',
        'firing host_down killed',
        'firing host_down returned',
        'firing site_lost fra1',
        'resolved host_down cut',
        'resolved host_down returned',
        'resolved site_lost fra1',
      ]);
      // A second hub with the same directory does not start.
      await expect(fleet.startSecondHub()).resolves.toMatch(/another|already|in use|held/i);
    },
    LIMIT,
  );
});
