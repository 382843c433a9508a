/** A hub and an agent as processes: both say which of them did what about an alert, and why nobody was notified. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import type { AlertsAnswer } from '../../src/api/alerts.ts';
import { whyAnswer, type Said, type WhyAnswer } from '../../src/api/why.ts';
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
const below = (id: string, critical: number) => ({
  id,
  summary: `${id} of {{ host }}`,
  metric: 'mem.available_percent',
  below: { critical },
});

let fleet: FleetProcesses;
let agent: AgentProcess;
let ofHub: FakeService;
let ofAgent: FakeService;

beforeAll(async () => {
  [ofHub, ofAgent] = await Promise.all([okService(), okService()]);
  fleet = new FleetProcesses({
    hub: { late: '10s', down: '300s' },
    notifiers: { slack: { webhook: { url: ofHub.url, format: 'healthd' } } },
    alerts: {
      ...AT_ONCE,
      defaults: 'off',
      inhibit: [{ when: { rule: 'memory_gone' }, mute: { rule: 'explained' }, same: ['host'] }],
    },
  });
  await fleet.startHub();
  agent = await fleet.addAgent('web1', {
    hub: { deliver_after: '6s' },
    memory: 50,
    notifiers: { pager: { webhook: { url: ofAgent.url, format: 'healthd' } } },
    alerts: {
      ...AT_ONCE,
      defaults: 'off',
      rules: [below('memory_full', 10), below('memory_gone', 4), below('explained', 4)],
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

const HUB = { role: 'hub', name: 'hub' } as const;
const AGENT = { role: 'agent', name: 'web1' } as const;

async function atAgent(...of: readonly string[]): Promise<WhyAnswer> {
  return whyAnswer.parse(JSON.parse(await agent.run('why', ...of, '--json')));
}

async function atHub(...of: readonly string[]): Promise<WhyAnswer> {
  return whyAnswer.parse(await fleet.ask('why', ...of));
}

/** As `hub hub: slack took it: firing`. */
function story({ steps }: WhyAnswer): readonly string[] {
  return steps.map(({ hop, title }) => `${hop.role} ${hop.name}: ${title}`);
}

function text(said: Said): string {
  return said.map((piece) => (typeof piece === 'number' ? 'T' : piece)).join('');
}

/** Asks until it is so: the last step may be on its way. */
async function until(ask: () => Promise<WhyAnswer>, isSo: (why: WhyAnswer) => boolean): Promise<WhyAnswer> {
  let last: WhyAnswer | undefined;
  try {
    await waitFor(async () => isSo((last = await ask())), PATIENT);
  } catch (error) {
    throw new Error(JSON.stringify(last, undefined, 1), { cause: error });
  }
  return last!;
}

async function atRest(): Promise<void> {
  agent.setMemory(50);
  await waitFor(async () => (await fleet.ask<AlertsAnswer['alerts']>('alerts')).length === 0, PATIENT);
}

test(
  'both say that the hub has notified, and who gets the end',
  async () => {
    agent.setMemory(5);
    const isTold = ({ receivers }: WhyAnswer) =>
      receivers.some(({ hop, state, at }) => hop.role === 'hub' && state === 'notified' && at !== undefined);
    const hub = await until(() => atHub('memory_full'), isTold);
    expect(text(hub.says)).toBe('Notified on slack at T by the hub hub; resolved is due when it ends.');
    expect(story(hub)).toEqual(
      expect.arrayContaining(['hub hub: Fires on web1, critical', 'hub hub: slack took it: firing']),
    );
    const own = await until(() => atAgent('memory_full'), isTold);
    expect(own).toMatchObject({ hop: AGENT, owner: HUB, hub: { isHeard: true }, state: 'firing' });
    expect(text(own.says)).toBe(text(hub.says));
    expect(story(own)).toEqual(
      expect.arrayContaining([
        'agent web1: Fires, critical',
        'agent web1: The hub has confirmed it, and notifies',
        'hub hub: slack took it: firing',
      ]),
    );
    const fired = own.steps.find(({ title }) => title === 'Fires, critical');
    expect(text(fired!.why)).toMatch(/^memory_full of web1; 5 %, limit 10 %/);
    const printed = await agent.run('why', own.fingerprint.slice(0, 6));
    expect(printed).toMatch(/^\d\d:\d\d:\d\d {2}hub hub {5}slack took it: firing\. In /m);
    expect(printed.trim().split('\n').at(-1)).toMatch(/^Notified on slack at \d\d:\d\d:\d\d by the hub hub;/);
    await atRest();
    const over = await until(
      () => atAgent(own.fingerprint),
      ({ receivers }) => receivers.some(({ endedAt }) => endedAt !== undefined),
    );
    expect(text(over.says)).toBe('It ended at T. slack got firing at T and resolved at T by the hub hub.');
    expect(text((await atHub(own.fingerprint)).says)).toBe(text(over.says));
  },
  LIMIT,
);

test(
  'the hub was killed: both say that the agent has notified, and why',
  async () => {
    await fleet.stopHub('SIGKILL');
    agent.setMemory(5);
    const waiting = await until(
      () => atAgent('memory_full'),
      ({ state }) => state === 'firing',
    );
    expect(waiting.hub).toMatchObject({ isHeard: false });
    expect(text(waiting.says)).toMatch(
      /^Nobody is notified yet: pager by the agent web1: the hub has until T to confirm it\.$/,
    );
    const isAlone = (why: WhyAnswer) => story(why).includes('agent web1: The hub has not confirmed it in time');
    const alone = await until(
      () => atAgent('memory_full'),
      (why) => isAlone(why) && why.receivers.some(({ name, state }) => name === 'pager' && state === 'notified'),
    );
    expect(text(alone.says)).toBe('Notified on pager at T by the agent web1; resolved is due when it ends.');
    const from = story(alone).lastIndexOf('agent web1: Fires, critical');
    expect(story(alone).slice(from)).toEqual([
      'agent web1: Fires, critical',
      'agent web1: The hub has not confirmed it in time',
      'agent web1: A message to pager',
      'agent web1: pager took it: firing',
    ]);
    // What the agent did alone outlives it.
    await agent.end('SIGKILL');
    await agent.start();
    await fleet.startHub();
    const hub = await until(
      () => atHub('memory_full'),
      ({ receivers }) => receivers.some(({ hop }) => hop.role === 'agent'),
    );
    expect(hub).toMatchObject({ hop: HUB, owner: AGENT });
    expect(text(hub.says)).toBe(text(alone.says));
    expect(story(hub)).toEqual(
      expect.arrayContaining(['agent web1: pager took it: firing', 'hub hub: slack is not notified']),
    );
    const both = await until(
      () => atAgent('memory_full'),
      (why) => why.hub?.isHeard === true,
    );
    expect(story(both)).toContain('hub hub: slack is not notified');
    expect(story(both).filter((step) => step === 'agent web1: pager took it: firing')).toHaveLength(1);
    await atRest();
    const over = await until(
      () => atHub('memory_full'),
      ({ receivers }) => receivers.some(({ endedAt }) => endedAt !== undefined),
    );
    expect(text(over.says)).toBe('It ended at T. pager got firing at T and resolved at T by the agent web1.');
  },
  LIMIT,
);

test(
  'of what is silenced, acknowledged and inhibited both say by whom, and until when',
  async () => {
    await fleet.run('silence', 'add', 'rule=memory_full', '--for', '1h', '--by', 'mk', '--comment', 'new memory');
    agent.setMemory(3);
    const held = await until(() => atHub('memory_full'), isHeld);
    expect(text(held.says)).toMatch(/^Nobody is notified: silenced by mk until T: new memory \([\w-]+\)\.$/);
    expect(story(held)).toEqual(expect.arrayContaining([expect.stringMatching(/^hub hub: Silence \S+ made by mk$/)]));
    const inhibited = await until(() => atHub('explained'), isHeld);
    expect(text(inhibited.says)).toBe('Nobody is notified: inhibited by memory_gone.');
    const own = await until(
      () => atAgent('explained'),
      ({ receivers }) =>
        receivers.some(({ hop, why }) => hop.role === 'hub' && text(why) === 'inhibited by memory_gone'),
    );
    expect(text(own.says)).toContain('notifies of it');
    await fleet.run('ack', held.fingerprint, '--by', 'ana', '--comment', 'mine');
    const acked = await until(
      () => atAgent('memory_full'),
      ({ says }) => text(says).includes('ana has acknowledged it'),
    );
    expect(story(acked)).toContain('agent web1: Acknowledged by ana');
    const printed = await fleet.run('why', 'memory_full');
    expect(printed).toMatch(/silenced by mk until (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d: new memory/);
    await atRest();
  },
  LIMIT,
);

test(
  'a silence that begins later is pending at the hub and at the agent, and holds on both when it has begun',
  async () => {
    interface Listed {
      readonly id: string;
      readonly state: string;
      readonly from: number;
    }
    const atAgentNow = async () => JSON.parse(await agent.run('silence', 'list', '--json')) as readonly Listed[];
    for (const { id } of await fleet.ask<readonly Listed[]>('silence', 'list'))
      await fleet.run('silence', 'expire', id);
    const all = await fleet.ask<Listed>('silence', 'add', 'host=*', '--from', '2h', '--for', '1h', '--by', 'mk');
    const soon = await fleet.ask<Listed>('silence', 'add', 'host=web1', '--from', '8s', '--for', '1h', '--by', 'ana');
    expect([all.state, soon.state]).toEqual(['pending', 'pending']);
    await waitFor(async () => (await atAgentNow()).length === 2, PATIENT);
    const [known] = (await atAgentNow()).filter(({ id }) => id === `hub-${all.id}`);
    expect(known?.state).toBe('pending');
    expect(Math.abs((known?.from ?? 0) - all.from)).toBeLessThan(60_000);
    expect(await fleet.run('silence', 'list')).toMatch(/pending +host=\* +in 1h59m for 1h +mk/);
    await waitFor(
      async () => (await atAgentNow()).some(({ id, state }) => id === `hub-${soon.id}` && state === 'active'),
      PATIENT,
    );
    agent.setMemory(5);
    const held = await until(() => atHub('memory_full'), isHeld);
    expect(text(held.says)).toBe(`Nobody is notified: silenced by ana until T (${soon.id}).`);
    await fleet.run('silence', 'expire', soon.id);
    expect(await fleet.run('silence', 'list', '--all')).toMatch(/expired +host=web1 /);
    await until(
      () => atHub('memory_full'),
      ({ receivers }) => receivers.some(({ state }) => state === 'notified'),
    );
    await atRest();
    await expect(
      fleet.run('silence', 'add', 'host=*', '--from', '2020-01-01T00:00:00Z', '--for', '1h'),
    ).rejects.toThrow(/is over; without --from the silence begins now/);
  },
  LIMIT,
);

function isHeld({ receivers }: WhyAnswer): boolean {
  return receivers.some(({ hop, state }) => hop.role === 'hub' && state === 'held');
}

test(
  'several that match are listed, and of what is not known that is said',
  async () => {
    await expect(agent.run('why', '*')).rejects.toThrow(/ended with 1/);
    await expect(agent.run('why', 'no_such_rule')).rejects.toThrow(/Nothing is known of an alert no_such_rule/);
    expect((await atAgent('memory_full', 'host=web1')).rule).toBe('memory_full');
  },
  LIMIT,
);
