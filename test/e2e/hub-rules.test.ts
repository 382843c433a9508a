/** What a hub judges, as processes: a hub, two agents, and a writer that is no healthd. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { FleetAnswer } from '../../src/api/fleet.ts';
import type { Notification } from '../../src/plugin/notification.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses } from '../support/kit/fleet.ts';
import { freePort, waitFor } from '../support/servers/real-server.ts';

const LIMIT = 240_000;
/** A busy machine is late. */
const PATIENT = { timeout: 120_000, interval: 500 };

let fleet: FleetProcesses;
let hook: FakeService;
let writerPort: number;

beforeAll(async () => {
  hook = await fakeService({ status: 200, body: '' });
  writerPort = await freePort();
  fleet = new FleetProcesses({
    hub: { late: '10s', down: '14s', writers: 'alert' },
    inputs: ['mem', { influxdb_listener: { listen: `127.0.0.1:${writerPort}` } }],
    notifiers: { hook: { webhook: { url: hook.url, format: 'healthd' } } },
    alerts: {
      defaults: 'off',
      startup_grace: '0s',
      rules: [
        {
          id: 'few_report',
          metric: 'mem.total',
          where: { host: '!hub' },
          hosts: { fn: 'count' },
          above: { warning: 2 },
        },
        { override: 'host_down' },
        { id: 'jobs', metric: 'jobs.waiting', hosts: { fn: 'sum' }, above: { critical: 1000 } },
      ],
      route: { notify: ['hook'], group_by: ['...'], group_wait: '0s', group_interval: '1s' },
    },
  });
  await fleet.startHub();
}, LIMIT);

afterAll(async () => {
  await fleet.close();
  await hook.close();
}, 60_000);

/** What was notified: `firing jobs: …`. */
function notified(): readonly string[] {
  const all = hook.taken.map(({ body }) => JSON.parse(body) as Notification);
  return all.flatMap(({ alerts }) => alerts.map(({ status, rule, summary }) => `${status} ${rule}: ${summary}`));
}

async function write(lines: string): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${writerPort}/write?db=telegraf`, { method: 'POST', body: lines });
  expect(status).toBe(204);
}

describe('rules across hosts', () => {
  test(
    'see what agents and a plain writer send, and nobody else judges it',
    async () => {
      for (const name of ['web1', 'web2']) await fleet.addAgent(name);
      await waitFor(async () => {
        await write('mem,host=old1 total=8i\njobs,host=old1 waiting=700\njobs,host=old2 waiting=400\n');
        return notified().length >= 2;
      }, PATIENT);
      expect([...notified()].sort()).toEqual([
        'firing few_report: 3 hosts report mem.total: old1, web1, web2',
        'firing jobs: The sum of jobs.waiting over 2 hosts is 1100: old1, old2',
      ]);
      await waitFor(async () => {
        await write('jobs,host=old1 waiting=300\njobs,host=old2 waiting=400\n');
        return notified().some((each) => each.startsWith('resolved jobs'));
      }, PATIENT);
      const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
      expect(hosts.map(({ name, kind, presence }) => [name, kind, presence])).toEqual([
        ['old1', 'writer', 'up'],
        ['old2', 'writer', 'up'],
        ['web1', 'agent', 'up'],
        ['web2', 'agent', 'up'],
      ]);
    },
    LIMIT,
  );

  test(
    'a plain writer that falls silent is down, and notified once, like an agent',
    async () => {
      const isSaid = (text: string) => notified().some((each) => each.startsWith(text));
      await waitFor(async () => {
        await write('jobs,host=old2 waiting=1\n');
        return isSaid('firing host_down: old1 is down');
      }, PATIENT);
      await waitFor(async () => {
        await write('jobs,host=old1 waiting=1\njobs,host=old2 waiting=1\n');
        return isSaid('resolved host_down: old1');
      }, PATIENT);
      expect(notified().filter((each) => each.includes('host_down'))).toHaveLength(2);
    },
    LIMIT,
  );
});
