/**
 * Random schedules of kills, partitions and clock steps over a hub and its agents, as processes. After each: no line that an agent has
 * made is missing at the hub, none is counted as lost, everybody is up, and each host_down that was notified was resolved, in turn.
 * What fires at an agent is notified by the hub or by the agent, by both only under one id, and ends where it was notified.
 * SCHEDULES and SEED choose them; `npm run test:fleet-schedules` runs 200.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect } from '@jest/globals';

import type { FleetAnswer } from '../../src/api/fleet.ts';
import type { Notification } from '../../src/plugin/notification.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { FleetProcesses, hostNotifications, NOTIFIED_AT_ONCE, type AgentProcess } from '../support/kit/fleet.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';

const SCHEDULES = Number(process.env['SCHEDULES'] ?? 1);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const NAMES = ['a', 'b', 'c'] as const;
/** Of one schedule. */
const STEPS = 6;
const PATIENT = { timeout: 120_000, interval: 500 };
/** Percent of memory that is available. */
const [PLENTY, SCARCE] = [50, 5];
const RULE = {
  id: 'memory_full',
  summary: 'Memory of {{ host }} is full',
  metric: 'mem.available_percent',
  below: { critical: 10 },
};

const realTest = testWith({ binary: 'faketime', package: 'faketime' });

let fleet: FleetProcesses;
let hook: FakeService;
/** Of the agents. */
let ownHook: FakeService;
let agents: readonly AgentProcess[];
/** Where memory is scarce now, and how often it was until now. */
const scarce = new Set<AgentProcess>();
const shortages = new Map<AgentProcess, number>();

beforeAll(async () => {
  hook = await fakeService({ status: 200, body: '' });
  ownHook = await fakeService({ status: 200, body: '' });
  fleet = new FleetProcesses({
    hub: { late: '10s', down: '12s' },
    ...NOTIFIED_AT_ONCE(hook.url, [RULE.id]),
    hasOwnClock: true,
  });
  await fleet.startHub();
  const { notifiers, alerts } = NOTIFIED_AT_ONCE(ownHook.url, [RULE.id]);
  const rules = { ...alerts, defaults: 'off', rules: [RULE] };
  const wish = { hasOwnClock: true, hub: { deliver_after: '3s' }, memory: PLENTY, notifiers, alerts: rules };
  agents = Object.values(await fleet.addAgents(NAMES, wish));
}, 120_000);

afterAll(async () => {
  await fleet.close();
  await Promise.all([hook.close(), ownHook.close()]);
}, 60_000);

/** mulberry32: numbers from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Step {
  readonly text: string;
  readonly run: () => Promise<void> | void;
}

/** Seconds that a clock is stepped to, ahead or behind. */
const STEPS_OF_CLOCKS = [0, 1, -1, 90, -90, 3600, -3600, 86_400, -86_400];

function stepsOf(random: () => number): readonly Step[] {
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('There is nothing to choose from');
    return item;
  };
  const signal = () => one(['SIGKILL', 'SIGKILL', 'SIGTERM'] as const);
  const memory = () => {
    const agent = one(agents);
    const run = () => {
      agent.setMemory(SCARCE);
      scarce.add(agent);
    };
    return { text: `memory of ${agent.name} is scarce`, run };
  };
  const make = [
    memory,
    memory,
    () => {
      const [agent, by] = [one(agents), signal()];
      const run = async () => {
        await agent.end(by);
        await agent.start();
      };
      return { text: `${agent.name} ${by}, start`, run };
    },
    () => {
      const [agent, away] = [one(agents), one([2000, 16_000])];
      const run = async () => {
        await agent.end('SIGKILL');
        await sleep(away);
        if (random() < 0.5) agent.boot();
        await agent.start();
      };
      return { text: `${agent.name} SIGKILL for ${away} ms`, run };
    },
    () => {
      const [agent, away] = [one(agents), one([1000, 8000, 18_000])];
      const run = async () => {
        agent.cut();
        await sleep(away);
        agent.heal();
      };
      return { text: `${agent.name} cut for ${away} ms`, run };
    },
    () => {
      const agent = one(agents);
      return {
        text: `${agent.name} loses its connections`,
        run: () => {
          agent.cut();
          agent.heal();
        },
      };
    },
    () => {
      const [by, away] = [signal(), one([0, 0, 3000, 9000])];
      const run = async () => {
        await fleet.stopHub(by);
        await sleep(away);
        await fleet.startHub();
      };
      return { text: `hub ${by} for ${away} ms`, run };
    },
    () => {
      const [whose, seconds] = [one([fleet.clock, ...agents.map(({ clock }) => clock)]), one(STEPS_OF_CLOCKS)];
      const name = agents.find(({ clock }) => clock === whose)?.name ?? 'hub';
      return {
        text: `clock of ${name} ${seconds} s`,
        run: () => {
          whose.step(seconds);
        },
      };
    },
    () => {
      const [agent, away] = [one(agents), one([1000, 9000])];
      const run = async () => {
        agent.signal('SIGSTOP');
        await sleep(away);
        agent.signal('SIGCONT');
      };
      return { text: `${agent.name} stands still for ${away} ms`, run };
    },
  ];
  return Array.from({ length: STEPS }, () => one(make)());
}

/** Everybody is up, all lines are there, and what was notified has ended. */
async function settled(): Promise<void> {
  const isUp = async () => Object.values(await fleet.presences()).every((each) => each === 'up');
  await waitFor(isUp, PATIENT);
  for (const agent of agents) await fleet.allCome(agent);
  for (const agent of scarce) await memoryIsBack(agent);
  scarce.clear();
  const isOver = () => openAlerts(hostNotifications(hook.taken)).length === 0;
  await waitFor(isOver, { ...PATIENT, what: 'The end of what was notified' }).catch(async (error: unknown) => {
    const open = openAlerts(hostNotifications(hook.taken)).join(', ');
    throw new Error(`${open} has not ended; the hub has:\n${await fleet.run('alerts')}`, { cause: error });
  });
  const isComplete = async () => {
    const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
    return hosts.length === NAMES.length && hosts.every(({ lines: { missing, pending } }) => missing + pending < 50);
  };
  await waitFor(isComplete, PATIENT);
  const { hosts } = await fleet.ask<FleetAnswer>('hub', 'hosts');
  expect(hosts.map(({ name, clonedFrom, lines: { lost } }) => ({ name, clonedFrom, lost }))).toEqual(
    NAMES.map((name) => ({ name, clonedFrom: null, lost: 0 })),
  );
}

/** It was notified, by hub or agent, and then ends where it was notified. */
async function memoryIsBack(agent: AgentProcess): Promise<void> {
  const count = (shortages.get(agent) ?? 0) + 1;
  shortages.set(agent, count);
  const isSaid = (status: string) => async () => {
    const { size } = saidOf(agent, status);
    // More is a mistake too, and does not go away.
    return Promise.resolve(size >= count);
  };
  await waitFor(isSaid('firing'), { ...PATIENT, what: `A notification that memory of ${agent.name} is full` });
  agent.setMemory(PLENTY);
  const isEnded = async () => {
    const [fired, ended] = [saidOf(agent, 'firing'), saidOf(agent, 'resolved')];
    return Promise.resolve(placesOf(fired) === placesOf(ended));
  };
  await waitFor(isEnded, { ...PATIENT, what: `The end of full memory of ${agent.name} where it was notified` });
  for (const status of ['firing', 'resolved']) {
    const said = saidOf(agent, status);
    if (SCHEDULES > 10) process.stdout.write(`  ${status} of ${agent.name}: ${placesOf(said)}\n`);
    if (said.size !== count) throw new Error(`${count} × ${status} of ${agent.name}, notified as ${placesOf(said)}`);
  }
}

/** Who has notified it, for each id: `hub, agent and hub, agent`. */
function placesOf(said: ReadonlyMap<string, ReadonlySet<string>>): string {
  return [...said.values()].map((places) => [...places].sort().join(' and ')).join(', ');
}

/** Ids of what was notified about the memory of an agent, those of the hub first, and by whom. */
function saidOf(agent: AgentProcess, status: string): ReadonlyMap<string, ReadonlySet<string>> {
  const said = new Map<string, Set<string>>();
  for (const [place, { taken }] of Object.entries({ hub: hook, agent: ownHook })) {
    for (const { rule, host, status: its, change } of taken.flatMap(alertsOf)) {
      if (rule !== RULE.id || host !== agent.name || its !== status) continue;
      // A clock that is a day ahead is time for a reminder.
      if (change === undefined || change.kind === 'repeat') continue;
      said.set(change.id, (said.get(change.id) ?? new Set()).add(place));
    }
  }
  return said;
}

function alertsOf({ body }: { readonly body: string }): Notification['alerts'] {
  return (JSON.parse(body) as Notification).alerts;
}

/** @throws if one fires twice, or is resolved without having fired */
function openAlerts(notified: readonly string[]): readonly string[] {
  const open = new Set<string>();
  for (const each of notified) {
    const [status, ...what] = each.split(' ');
    const alert = what.join(' ');
    if (status === 'firing' ? open.has(alert) : !open.has(alert)) throw new Error(`Notified twice: ${each}`);
    if (status === 'firing') open.add(alert);
    else open.delete(alert);
  }
  return [...open];
}

realTest(
  `${SCHEDULES} schedules from seed ${SEED}: no line is missing, and what was notified as firing was resolved once`,
  async () => {
    for (let index = 0; index < SCHEDULES; index += 1) {
      const steps = stepsOf(randomFrom(SEED + index));
      const text = steps.map((step) => step.text).join('; ');
      if (SCHEDULES > 10) process.stdout.write(`seed ${SEED + index}: ${text}\n`);
      try {
        const pauses = randomFrom(SEED - index);
        for (const step of steps) {
          await step.run();
          await sleep(pauses() * 1500);
        }
        await settled();
      } catch (error) {
        const agentsSaid = agents.map(({ name, stderr }) => `${name}: ${stderr.slice(-1500)}`).join('\n');
        throw new Error(`SEED=${SEED + index} SCHEDULES=1 fails: ${text}\n${String(error)}\n${agentsSaid}`, {
          cause: error,
        });
      }
    }
  },
  SCHEDULES * 400_000,
);
