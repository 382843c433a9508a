/**
 * Two hubs that watch each other, and an agent that has joined both, as processes: each hub gets every line, one of them notifies, and
 * the other goes on when that one dies.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { AlertsAnswer } from '../../src/api/alerts.ts';
import type { FleetAnswer } from '../../src/api/fleet.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses, hostNotifications, type AgentProcess } from '../support/kit/fleet.ts';
import { waitFor } from '../support/servers/real-server.ts';

const LIMIT = 300_000;
const PATIENT = { timeout: 90_000, interval: 300 };
const RULE = {
  id: 'memory_full',
  summary: 'Memory of {{ host }} is full',
  metric: 'mem.available_percent',
  below: { critical: 10 },
};
const AT_ONCE = {
  flapping: { changes: 0 },
  startup_grace: '0s',
  route: {
    notify: [],
    group_by: ['...'],
    group_wait: '0s',
    group_interval: '1s',
    routes: [{ match: { rule: ['host_down', 'memory_full'] }, notify: ['hook'] }],
  },
};

interface Side {
  readonly fleet: FleetProcesses;
  readonly hook: FakeService;
}

let one: Side;
let two: Side;
let ofAgent: FakeService;
let agent: AgentProcess;

async function side(name: string): Promise<Side> {
  const hook = await fakeService({ status: 200, body: '' });
  const fleet = new FleetProcesses({
    name,
    hub: { late: '10s', down: '14s' },
    notifiers: { hook: { webhook: { url: hook.url, format: 'healthd' } } },
    alerts: { ...AT_ONCE, defaults: 'minimal' },
  });
  await fleet.startHub();
  return { fleet, hook };
}

beforeAll(async () => {
  [one, two, ofAgent] = await Promise.all([side('one'), side('two'), fakeService({ status: 200, body: '' })]);
  await one.fleet.joinHub(await two.fleet.newAddress());
  await two.fleet.joinHub(await one.fleet.newAddress());
  agent = await one.fleet.addAgent('web1', {
    hub: { deliver_after: '6s' },
    memory: 50,
    notifiers: { hook: { webhook: { url: ofAgent.url, format: 'healthd' } } },
    alerts: { ...AT_ONCE, defaults: 'off', rules: [RULE] },
  });
  await agent.joinAnother(await two.fleet.newAddress(), { deliver_after: '6s', from: 'beginning' });
  await until(async () => {
    const [atOne, atTwo] = [await one.fleet.presences(), await two.fleet.presences()];
    return [atOne['web1'], atOne['two'], atTwo['web1'], atTwo['one']].every((presence) => presence === 'up');
  });
}, LIMIT);

afterAll(async () => {
  await Promise.all([one.fleet.close(), two.fleet.close()]);
  await Promise.all([one, two, { hook: ofAgent }].map(({ hook }) => hook.close()));
}, 60_000);

function until(isTrue: () => boolean | Promise<boolean>): Promise<unknown> {
  return waitFor(() => Promise.resolve(isTrue()), PATIENT);
}

/** As `firing memory_full web1`. */
const heard = ({ hook }: { readonly hook: FakeService }) => hostNotifications(hook.taken);
const all = () => [heard(one), heard(two), heard({ hook: ofAgent })];

async function alertAt({ fleet }: Side): Promise<AlertsAnswer['alerts'][number] | undefined> {
  const listed = await fleet.ask<AlertsAnswer['alerts']>('alerts');
  return listed.find(({ alert }) => alert.rule === 'memory_full');
}

test(
  'each hub gets all lines; the first one notifies, and the second one shows that',
  async () => {
    await one.fleet.allCome(agent);
    await two.fleet.allCome(agent);
    agent.setMemory(5);
    await until(() => heard(one).includes('firing memory_full web1'));
    await until(
      async () => (await alertAt(two))?.suppressed.some((text) => /^the hub .* notifies$/.test(text)) === true,
    );
    agent.setMemory(50);
    await until(() => heard(one).includes('resolved memory_full web1'));
    await until(async () => (await alertAt(two)) === undefined);
    expect(all()).toEqual([['firing memory_full web1', 'resolved memory_full web1'], [], []]);
  },
  LIMIT,
);

test(
  'two hubs that send to each other multiply no line: each passes on what is its own',
  async () => {
    const ofHost = ({ fleet }: Side, name: string) =>
      fleet.lines.filter((line) => line.startsWith(`mem,host=${name} `) || line.startsWith(`mem,host=${name},`));
    // A minute.
    await until(() => ofHost(one, 'one').length >= 60 && ofHost(two, 'two').length >= 60);
    for (const { fleet } of [one, two]) {
      const { lines } = fleet;
      expect(new Set(lines).size).toBe(lines.length);
      expect(lines.filter((line) => line.includes('claimed_host'))).toEqual([]);
    }
    // Those that were made since both are members.
    const made = ofHost(one, 'one').slice(-5);
    expect(made).toHaveLength(5);
    await until(() => {
      const come = new Set(ofHost(two, 'one'));
      return made.every((line) => come.has(line));
    });
    await until(() => ofHost(one, 'two').length > 5);
  },
  LIMIT,
);

test(
  'when the first hub dies, the second one says so, gets the lines, and notifies; nobody hears of it again when the first is back',
  async () => {
    const [before] = all();
    await one.fleet.stopHub('SIGKILL');
    await until(() => heard(two).includes('firing host_down one'));
    agent.setMemory(5);
    await until(() => heard(two).includes('firing memory_full web1'));
    await two.fleet.allCome(agent);
    await one.fleet.startHub();
    await until(() => heard(two).includes('resolved host_down one'));
    await one.fleet.allCome(agent);
    const isShown = async () =>
      (await alertAt(one))?.suppressed.some((text) => /^the hub .* notifies$/.test(text)) === true;
    await until(isShown);
    agent.setMemory(50);
    await until(() => heard(two).includes('resolved memory_full web1'));
    await until(async () => (await alertAt(one)) === undefined);
    expect(all()).toEqual([
      before,
      ['firing host_down one', 'firing memory_full web1', 'resolved host_down one', 'resolved memory_full web1'],
      [],
    ]);
    const { hosts } = await one.fleet.ask<FleetAnswer>('hub', 'hosts');
    expect(hosts.find(({ name }) => name === 'web1')?.lines).toMatchObject({ lost: 0 });
  },
  LIMIT,
);

test(
  'a host that is down is reported by the first hub that is there; if that dies too, by the second, and each ends what it has begun',
  async () => {
    const [atOne, atTwo] = [heard(one).length, heard(two).length];
    await agent.end('SIGKILL');
    await until(() => heard(one).includes('firing host_down web1'));
    await until(async () => (await two.fleet.presences())['web1'] === 'down');
    expect(heard(two).slice(atTwo)).toEqual([]);
    // So soon after it that it may have told nobody.
    await one.fleet.stopHub('SIGKILL');
    await until(() => heard(two).slice(atTwo).length === 2);
    expect([...heard(two).slice(atTwo)].sort()).toEqual(['firing host_down one', 'firing host_down web1']);
    await one.fleet.startHub();
    await until(() => heard(two).slice(atTwo).includes('resolved host_down one'));
    await agent.start();
    await until(() => heard(one).slice(atOne).length === 2 && heard(two).slice(atTwo).length === 4);
    expect(heard(one).slice(atOne)).toEqual(['firing host_down web1', 'resolved host_down web1']);
    expect(heard(two).slice(atTwo)).toContain('resolved host_down web1');
  },
  LIMIT,
);
