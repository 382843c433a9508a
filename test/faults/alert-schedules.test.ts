/**
 * The promise of alerts over the built agent: random levels, answers, reloads and kills, also in the middle of a delivery. Every
 * receiver that got a firing notification gets exactly one resolved notification.
 * `npm run test:schedules` runs 100, `SEED` known ones.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import type { AlertLevel, Notification } from '../../src/plugin/notification.ts';
import { startCli, type RunningCli } from '../support/kit/cli.ts';
import { Person } from '../support/kit/person.ts';

import { chance } from './chance.ts';

const SCHEDULES = Number(process.env['SCHEDULES'] ?? 4);
const SEED = process.env['SEED'] ?? String(Date.now());
/** Schedules at a time: they wait most of the time. */
const PARALLEL = 4;
const STEPS = 14;
const SETTLE_MS = 60_000;

const ALERTS = ['mails', 'prints', 'orders'] as const;
const DEPTHS = { ok: 1, warning: 60, critical: 200 } as const;
type State = keyof typeof DEPTHS;

const NAMES = ['a', 'b'] as const;
type Name = (typeof NAMES)[number];

/** `killed`: the agent is killed while it waits for the answer; half of these messages count as received. */
const ANSWERS = ['ok', 'ok', 'refused', 'busy', 'reset', 'reset_but_arrived', 'killed', 'killed_but_arrived'] as const;
type Answer = (typeof ANSWERS)[number];

/** The second leads critical alerts to b alone, the third groups everything. */
const ROUTES = [{}, { routes: [{ match: { level: 'critical' }, notify: ['b'] }] }, { group_by: [] }] as const;

class Schedule {
  readonly people = { a: new Person(), b: new Person() };
  readonly violations: Error[] = [];
  readonly steps: string[] = [];
  readonly #random: () => number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'healthd-schedule-'));
  readonly #states: Record<string, State> = { mails: 'ok', prints: 'ok', orders: 'ok' };
  readonly #answers: Record<Name, Answer[]> = { a: [], b: [] };
  readonly #names: Record<Name, string> = { a: 'a', b: 'b' };
  readonly #route: (typeof ROUTES)[number];
  readonly #server: Server;
  #agent: RunningCli | undefined;
  /** It was not killed, and goes on. */
  #isAlive = false;
  #kills = 0;

  constructor(seed: string) {
    this.#random = chance(seed);
    this.#route = this.#pick(ROUTES);
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const name: Name = request.url === '/b' ? 'b' : 'a';
        const status = this.#receive(name, JSON.parse(Buffer.concat(chunks).toString('utf8')) as Notification);
        if (status === undefined) request.socket.destroy();
        else response.writeHead(status).end();
      });
    });
  }

  get kills(): number {
    return this.#kills;
  }

  async run(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    try {
      this.#writeStates();
      this.#writeConfig();
      await this.#start();
      for (let step = 0; step < STEPS; step += 1) await this.#step();
      await this.#rest();
    } catch (error) {
      this.violations.push(error as Error);
    } finally {
      await this.#agent?.end('SIGKILL');
      this.#server.closeAllConnections();
      this.#server.close();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.55) this.#change(this.#pick(ALERTS), this.#pick(['ok', 'warning', 'critical'] as const));
    else if (dice < 0.8) this.#answer(this.#pick(NAMES));
    else if (dice < 0.88) this.#rename(this.#pick(NAMES));
    else this.#kill('at rest');
    await sleep(200 + this.#random() * 1800);
    while (!this.#isAlive) await this.#start();
  }

  #change(alert: (typeof ALERTS)[number], state: State): void {
    this.steps.push(`${alert} ${state}`);
    this.#states[alert] = state;
    this.#writeStates();
  }

  #answer(name: Name): void {
    const answers = [this.#pick(ANSWERS), this.#pick(ANSWERS)];
    this.steps.push(`${name} answers ${answers.join(', ')}`);
    this.#answers[name] = answers;
  }

  #rename(name: Name): void {
    this.#names[name] = this.#names[name] === name ? `${name}2` : name;
    this.steps.push(`${name} is ${this.#names[name]}`);
    this.#writeConfig();
    this.#agent?.child.kill('SIGHUP');
  }

  #kill(when: string): void {
    this.steps.push(`killed ${when}`);
    this.#kills += 1;
    this.#isAlive = false;
    this.#agent?.child.kill('SIGKILL');
    // What the server has not read may still arrive, or not.
    for (const name of NAMES) for (const alert of this.#fingerprints) this.people[name].unsure.add(alert);
  }

  readonly #fingerprints = new Set<string>();

  /** @returns the status of the answer; undefined: none */
  #receive(name: Name, notification: Notification): number | undefined {
    const answer = this.#answers[name].shift() ?? 'ok';
    const person = this.people[name];
    const fingerprints = notification.alerts.map(({ fingerprint }) => fingerprint);
    for (const fingerprint of fingerprints) this.#fingerprints.add(fingerprint);
    if (answer === 'ok' || answer.endsWith('arrived')) {
      try {
        person.hear(notification);
      } catch (error) {
        this.violations.push(error as Error);
      }
    }
    switch (answer) {
      case 'ok':
        return 200;
      case 'refused':
        return 400;
      case 'busy':
        return 503;
      case 'killed':
      case 'killed_but_arrived':
        this.#kill('in a delivery');
        return undefined;
      case 'reset':
      case 'reset_but_arrived':
        for (const fingerprint of fingerprints) person.unsure.add(fingerprint);
        return undefined;
    }
  }

  /** Everything works, and nothing changes: what people believe becomes what is. */
  async #rest(): Promise<void> {
    for (const name of NAMES) this.#answers[name] = [];
    const until = performance.now() + SETTLE_MS;
    let faults = this.#faults();
    for (let calm = 0; calm < 8; calm = faults.length === 0 ? calm + 1 : 0) {
      if (performance.now() > until) throw new Error(`${faults.join('; ')}\n${this.#agent?.stderr() ?? ''}`);
      await sleep(500);
      faults = this.#faults();
    }
  }

  #faults(): readonly string[] {
    return NAMES.flatMap((name) => {
      const levels = [...this.people[name].firing.values()].sort();
      const must = ALERTS.flatMap((alert) => this.#wanted(name, this.#states[alert] ?? 'ok')).sort();
      const may = ALERTS.map((alert) => this.#states[alert]).filter((state) => state !== 'ok');
      // A receiver to which no route leads any more may know of an alert.
      const isRight =
        must.every((level) => levels.includes(level)) && levels.length >= must.length && levels.length <= may.length;
      return isRight ? [] : [`${name} believes [${levels.join()}], right is [${must.join()}]`];
    });
  }

  #wanted(name: Name, state: State): readonly AlertLevel[] {
    if (state === 'ok') return [];
    return 'routes' in this.#route && state === 'critical' && name === 'a' ? [] : [state];
  }

  #writeStates(): void {
    const lines = ALERTS.map((name) => `queue,name=${name} depth=${DEPTHS[this.#states[name] ?? 'ok']}\n`);
    writeFileSync(join(this.#folder, 'queue.lp'), lines.join(''));
  }

  #writeConfig(): void {
    const { port } = this.#server.address() as AddressInfo;
    const url = (name: Name) => `http://127.0.0.1:${port}/${name}`;
    const notifiers = Object.fromEntries(
      NAMES.map((name) => [this.#names[name], { webhook: { url: url(name), format: 'healthd' } }]),
    );
    const route = JSON.stringify({ group_wait: '0s', group_interval: '1s', ...this.#route });
    writeFileSync(
      join(this.#folder, 'healthd.json'),
      JSON.stringify({
        agent: { interval: '200ms', hostname: 'web1', state_dir: join(this.#folder, 'state') },
        inputs: [{ exec: { commands: [['cat', join(this.#folder, 'queue.lp')]] } }],
        outputs: ['discard'],
        notifiers,
        alerts: {
          defaults: 'off',
          flapping: { changes: 0 },
          rules: [
            {
              id: 'queue_long',
              metric: 'queue.depth',
              group_by: ['name'],
              above: { warning: { at: 50, clear: 10 }, critical: { at: 100, clear: 80 } },
            },
          ],
          route: JSON.parse(route.replace('"notify":["b"]', `"notify":["${this.#names.b}"]`)) as unknown,
        },
      }),
    );
  }

  async #start(): Promise<void> {
    await this.#agent?.finished;
    this.#agent = startCli(['run', '--config', join(this.#folder, 'healthd.json')]);
    this.#isAlive = true;
    while (this.#isStarting()) await sleep(20);
  }

  /** It may be killed before it is up. */
  #isStarting(): boolean {
    return this.#isAlive && this.#agent?.stderr().includes('Started') === false;
  }

  #pick<T>(of: readonly T[]): T {
    const one = of[Math.floor(this.#random() * of.length)];
    if (one === undefined) throw new RangeError('Nothing to pick from');
    return one;
  }
}

test(
  `F-001: the promise holds in ${SCHEDULES} schedules with kills`,
  async () => {
    const numbers = Array.from({ length: SCHEDULES }, (_, index) => index);
    let kills = 0;
    const worker = async () => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
        const schedule = new Schedule(`${SEED} ${number}`);
        await schedule.run();
        kills += schedule.kills;
        const [violation] = schedule.violations;
        if (violation === undefined) continue;
        numbers.length = 0;
        violation.message = `SEED=${SEED}, schedule ${number} (${schedule.steps.join('; ')}): ${violation.message}`;
        throw violation;
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    process.stdout.write(`${SCHEDULES} schedules with ${kills} kills; SEED=${SEED}\n`);
    expect(kills).toBeGreaterThan(0);
  },
  120_000 + (SCHEDULES * 60_000) / PARALLEL,
);
