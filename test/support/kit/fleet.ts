/** A hub and agents as processes on this machine, each in a folder of its own; agents reach the hub through a proxy that can be cut. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import type { FleetAnswer, FleetEventsAnswer } from '../../../src/api/fleet.ts';
import type { Membership } from '../../../src/host/hub/membership.ts';
import type { AlertView, Notification } from '../../../src/plugin/notification.ts';
import { freePort, serverFolder, waitFor } from '../servers/real-server.ts';

import { runCli, startCli, type RunningCli } from './cli.ts';

/** Processes that start. */
const AT_A_TIME = 4;
/** A busy machine starts them late. */
const START_MS = 60_000;

export interface HubProcessSettings {
  /** The section `hub`. */
  readonly hub: Readonly<Record<string, unknown>>;
  /** Of the hub. Default: `mem`. */
  readonly inputs?: readonly unknown[];
  readonly alerts?: unknown;
  readonly notifiers?: unknown;
  /** Default: none. */
  readonly history?: unknown;
  /** Value of its tag `host`. Default: hub. */
  readonly name?: string;
  /** Default: the loopback address. Elsewhere the hub has a certificate and a password. */
  readonly address?: string;
  /** What the hub's own clock can do; see AgentOptions. */
  readonly hasOwnClock?: boolean;
}

interface HubPlace {
  readonly address: string;
  readonly port: number;
}

export interface AgentOptions {
  /** Its clock can be stepped. */
  readonly hasOwnClock?: boolean;
  /** A network namespace. The agent reaches the hub without a proxy then. */
  readonly namespace?: string;
}

/**
 * Alerts about hosts are sent one by one, and at once.
 *
 * @param url of a webhook
 * @param rules that are notified besides
 */
export const NOTIFIED_AT_ONCE = (url: string, rules: readonly string[] = []) => ({
  notifiers: { hook: { webhook: { url, format: 'healthd' } } },
  alerts: {
    startup_grace: '0s',
    // Tests change a host more often than machines do.
    flapping: { changes: 0 },
    route: {
      notify: [],
      group_by: ['...'],
      group_wait: '0s',
      group_interval: '1s',
      routes: [{ match: { rule: ['host_down', 'site_lost', 'host_stopped', ...rules] }, notify: ['hook'] }],
    },
  },
});

/**
 * What a webhook has been sent: `firing host_down db1`, `resolved site_lost fra1`. What was said again, under its id, counts once;
 * reminders do not count.
 */
export function hostNotifications(taken: readonly { readonly body: string }[]): readonly string[] {
  const all = taken.flatMap(({ body }) => (JSON.parse(body) as Notification).alerts);
  const known = new Set<string>();
  const isNew = ({ change }: AlertView) => {
    if (change === undefined) return true;
    if (change.kind === 'repeat') return false;
    const isKnown = known.has(change.id);
    known.add(change.id);
    return !isKnown;
  };
  const subject = ({ rule, tags, host }: AlertView) => (rule === 'site_lost' ? (tags['site'] ?? '') : host);
  return all.filter(isNew).map((alert) => `${alert.status} ${alert.rule} ${subject(alert)}`);
}

/** Sections of the configuration of an agent, and the options of its output. */
export interface AgentSettings {
  readonly alerts?: unknown;
  readonly notifiers?: unknown;
  readonly hub?: Readonly<Record<string, unknown>>;
  /** Percent that is available, by `setMemory`. */
  readonly memory?: number;
}

export interface AgentWish extends AgentOptions, AgentSettings {
  /** Of its join token: `site=fra1,role=web`. */
  readonly tags?: string;
}

export class FleetProcesses {
  readonly #folder = serverFolder('fleet');
  readonly #agents: AgentProcess[] = [];
  readonly #settings: HubProcessSettings;
  #port = 0;
  #hub: RunningCli | undefined;

  constructor(settings: HubProcessSettings) {
    this.#settings = settings;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** Of the hub, on the loopback address. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get #place(): HubPlace {
    return { port: this.#port, address: this.#settings.address ?? '127.0.0.1' };
  }

  /** Of the hub. */
  readonly clock = new OwnClock();

  /** What the hub has passed on. */
  get lines(): readonly string[] {
    return readLines(join(this.folder, 'hub', 'out.lp'));
  }

  async startHub(): Promise<void> {
    const folder = join(this.folder, 'hub');
    if (this.#port === 0) {
      this.#port = await freePort();
      mkdirSync(folder);
      const { hub, inputs = ['mem'], alerts = { defaults: 'off' }, notifiers = {} } = this.#settings;
      const { address = '127.0.0.1', name = 'hub', history = false } = this.#settings;
      const password = address === '127.0.0.1' ? {} : { password: 'a password for tests' };
      writeJson(join(folder, 'healthd.json'), {
        agent: { interval: '1s', hostname: name, state_dir: join(folder, 'state'), flush_interval: '1s' },
        inputs,
        outputs: [{ file: { path: join(folder, 'out.lp') } }],
        server: { listen: `${address}:${this.#port}`, ...password },
        history,
        hub,
        alerts,
        notifiers,
      });
    }
    const env = this.#settings.hasOwnClock === true ? this.clock.env(folder) : {};
    this.#hub = startCli(['run'], { cwd: folder, env });
    await this.#hub.until(' Started ', START_MS);
  }

  /** Another process with the directory of the hub. @returns what it prints before it ends */
  async startSecondHub(): Promise<string> {
    const { code, stdout, stderr } = await runCli(['run'], { cwd: join(this.folder, 'hub') });
    if (code === 0) throw new Error('Two hubs run in one directory');
    return stdout + stderr;
  }

  /** The hub becomes a host of another one. @param address of that */
  async joinHub(address: string): Promise<void> {
    await this.run('join', address);
    await this.run('reload');
  }

  async stopHub(signal: NodeJS.Signals): Promise<void> {
    await this.#hub?.end(signal);
  }

  /** A command on the hub. @returns what it prints as JSON */
  async ask<Answer>(...args: readonly string[]): Promise<Answer> {
    return JSON.parse(await this.run(...args, '--json')) as Answer;
  }

  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCli(args, { cwd: join(this.folder, 'hub') });
    if (code !== 0) throw new Error(`healthd ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${stderr}`);
    return stdout;
  }

  async presences(): Promise<Readonly<Record<string, string>>> {
    const { hosts } = await this.ask<FleetAnswer>('hub', 'hosts');
    return Object.fromEntries(hosts.map(({ name, presence }) => [name, presence]));
  }

  /** Kinds of events by the name that the host had, the oldest first. */
  async events(): Promise<Readonly<Record<string, readonly string[]>>> {
    const events = await this.ask<FleetEventsAnswer['events']>('hub', 'events');
    const byName: Record<string, string[]> = {};
    for (const { name, kind } of events.toReversed()) (byName[name] ??= []).push(kind);
    return byName;
  }

  /** @returns an address to join with */
  async newAddress(...wish: readonly string[]): Promise<string> {
    const { join: address } = await this.ask<{ readonly join: string }>('hub', 'token', 'create', ...wish);
    return address;
  }

  /** An agent that has joined, and runs. */
  async addAgent(name: string, wish: AgentWish = {}): Promise<AgentProcess> {
    const address = await this.newAddress(...tagsOf(wish));
    return this.#add(name, address, wish);
  }

  /** Agents that join with one token, a few at a time. */
  async addAgents<Name extends string>(
    names: readonly Name[],
    wish: AgentWish = {},
  ): Promise<Record<Name, AgentProcess>> {
    const address = await this.newAddress('--uses', String(names.length), ...tagsOf(wish));
    const added = new Map<Name, AgentProcess>();
    const waiting = [...names];
    const work = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
        added.set(name, await this.#add(name, address, wish));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    // In the order of the names, whoever was first.
    return Object.fromEntries(names.map((name) => [name, added.get(name)])) as Record<Name, AgentProcess>;
  }

  async #add(name: string, address: string, wish: AgentWish): Promise<AgentProcess> {
    const agent = await AgentProcess.create(this.folder, name, this.#place, { ...wish, folder: name });
    this.#agents.push(agent);
    agent.configure(wish);
    await agent.join(address);
    if (wish.hub !== undefined) agent.configureHub(wish.hub);
    if (wish.memory !== undefined) agent.setMemory(wish.memory);
    await agent.start();
    return agent;
  }

  /** The state directory of an agent, copied to another machine, which runs too. */
  async cloneOf(original: AgentProcess, folder: string): Promise<AgentProcess> {
    const clone = await AgentProcess.create(this.folder, original.name, this.#place, { folder });
    this.#agents.push(clone);
    clone.copyStateOf(original);
    await clone.start();
    return clone;
  }

  /** All lines that the agent has made until now come. */
  async allCome(agent: AgentProcess): Promise<void> {
    const made = await waitFor(() => Promise.resolve(agent.lines.length > 0), { timeout: START_MS }).then(
      () => agent.lines,
    );
    let absent: readonly string[] = [];
    const isThere = () => {
      absent = this.absentOf(made, agent.hasOwnClock);
      return Promise.resolve(absent.length === 0);
    };
    const what = () => `${absent.length} of ${made.length} lines of ${agent.name}, such as ${absent[0] ?? ''},`;
    await waitFor(isThere, { timeout: START_MS, interval: 500 }).catch(() => {
      throw new Error(`${what()} have not come`);
    });
  }

  /**
   * @param isAhead the hub puts times right that are far ahead
   * @returns those of the lines that the hub has not passed on
   */
  absentOf(lines: readonly string[], isAhead = false): readonly string[] {
    const compared = (line: string) => (isAhead ? line.slice(0, line.lastIndexOf(' ')) : line);
    // Of two hosts with one name, one has a part of its id behind it.
    const come = new Set(this.lines.map((line) => compared(line.replace(/~[0-9a-f]{6}(?=[, ])/, ''))));
    return lines.filter((line) => !come.has(compared(line)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.close()));
    await this.#hub?.end();
    this.#folder.remove();
  }
}

export class AgentProcess {
  name: string;
  readonly #folder: string;
  readonly #proxy: CutProxy;
  readonly #options: AgentOptions;
  readonly clock = new OwnClock();
  #cli: RunningCli | undefined;
  #boots = 0;

  static async create(
    fleet: string,
    name: string,
    hub: HubPlace,
    options: AgentOptions & { readonly folder: string },
  ): Promise<AgentProcess> {
    return new AgentProcess(join(fleet, options.folder), name, await CutProxy.open(hub), options);
  }

  private constructor(folder: string, name: string, proxy: CutProxy, options: AgentOptions) {
    this.#folder = folder;
    this.name = name;
    this.#proxy = proxy;
    this.#options = options;
    mkdirSync(join(folder, 'bin'), { recursive: true });
    this.configure();
    this.boot();
  }

  get #settings() {
    const { namespace, hasOwnClock = false } = this.#options;
    const bin = join(this.#folder, 'bin');
    return {
      cwd: this.#folder,
      env: {
        HOST_PROC: join(this.#folder, 'proc'),
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        ...(hasOwnClock ? this.clock.env(this.#folder) : {}),
      },
      ...(namespace === undefined ? {} : { through: ['ip', 'netns', 'exec', namespace] }),
    };
  }

  /** What it has made, but for lines about itself. */
  get lines(): readonly string[] {
    return readLines(join(this.#folder, 'out.lp'));
  }

  get hasOwnClock(): boolean {
    return this.#options.hasOwnClock === true;
  }

  get pid(): number {
    return this.#cli?.child.pid ?? -1;
  }

  get stderr(): string {
    return this.#cli?.stderr() ?? '';
  }

  /** From the next start on. */
  rename(name: string): void {
    this.name = name;
    this.configure();
  }

  /** So much memory is available. To be called before the first start too, since inputs keep the file open. */
  setMemory(percent: number): void {
    const path = join(this.#folder, 'proc', 'meminfo');
    if (lstatSync(path).isSymbolicLink()) {
      const text = readFileSync(path, 'utf8');
      rmSync(path);
      writeFileSync(path, text);
    }
    const text = readFileSync(path, 'utf8');
    const total = Number(/^MemTotal:\s+(\d+)/m.exec(text)?.[1]);
    const available = String(Math.round((total * percent) / 100)).padStart(16);
    writeFileSync(path, text.replace(/^MemAvailable:\s+\d+/m, `MemAvailable: ${available}`), { flag: 'r+' });
  }

  /** Options of the output. */
  configureHub(hub: Readonly<Record<string, unknown>>): void {
    writeJson(join(this.#folder, 'conf.d', 'hub.yaml'), { outputs: [{ hub }] });
  }

  configure({ alerts, notifiers }: AgentSettings = {}): void {
    writeJson(join(this.#folder, 'healthd.json'), {
      agent: {
        interval: '1s',
        hostname: this.name,
        state_dir: join(this.#folder, 'state'),
        flush_interval: '1s',
        stop_timeout: '2s',
      },
      inputs: ['mem'],
      outputs: [{ file: { path: join(this.#folder, 'out.lp') } }],
      server: false,
      history: false,
      ...(alerts === undefined ? {} : { alerts }),
      ...(notifiers === undefined ? {} : { notifiers }),
    });
  }

  /** A command on the agent. @returns what it prints */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCli(args, this.#settings);
    if (code !== 0) throw new Error(`healthd ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** The next start sees another boot of the machine. */
  boot(): void {
    const [proc, random] = [join(this.#folder, 'proc'), join(this.#folder, 'proc/sys/kernel/random')];
    if (this.#boots === 0) {
      mkdirSync(random, { recursive: true });
      for (const name of ['meminfo', 'stat', 'uptime']) symlinkSync(`/proc/${name}`, join(proc, name));
    }
    this.#boots += 1;
    writeFileSync(join(random, 'boot_id'), `boot-${this.#boots}\n`);
  }

  /** The next stop is a reboot: systemd has begun it. */
  reboots(): void {
    const answer = "#!/bin/sh\necho '1 reboot.target start waiting'\n";
    writeFileSync(join(this.#folder, 'bin', 'systemctl'), answer, { mode: 0o755 });
  }

  /** Changes the entry of the output `hub`, and reloads. */
  async changeHubOutput(keys: Readonly<Record<string, unknown>>): Promise<void> {
    writeFileSync(join(this.#folder, 'conf.d', 'hub.yaml'), JSON.stringify({ outputs: [{ hub: keys }] }));
    const { code, stderr } = await runCli(['reload'], this.#settings);
    if (code !== 0) throw new Error(`healthd reload ended with ${code ?? 'a signal'}:\n${stderr}`);
  }

  /** @param address of the hub; the agent takes the way through its proxy */
  async join(address: string): Promise<void> {
    const url = new URL(address);
    if (this.#options.namespace === undefined) url.host = `127.0.0.1:${this.#proxy.port}`;
    const { code, stderr } = await runCli(['join', url.href], this.#settings);
    if (code !== 0) throw new Error(`healthd join ended with ${code ?? 'a signal'}:\n${stderr}`);
  }

  /** One more hub, without a proxy. @param hub options of its output */
  async joinAnother(address: string, hub: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.run('join', address);
    const alias = 'hub2-127.0.0.1';
    writeJson(join(this.#folder, 'conf.d', `${alias}.yaml`), { outputs: [{ hub: { alias, ...hub } }] });
    await this.run('reload');
  }

  /** What the agent keeps of its hub. */
  get membership(): Membership {
    return JSON.parse(readFileSync(join(this.#folder, 'state', 'hub.json'), 'utf8')) as Membership;
  }

  copyStateOf(other: AgentProcess): void {
    const [from, to] = [other.#folder, this.#folder];
    cpSync(join(from, 'state', 'hub.json'), join(to, 'state', 'hub.json'));
    cpSync(join(from, 'conf.d'), join(to, 'conf.d'), { recursive: true });
  }

  async start(): Promise<void> {
    this.#cli = startCli(['run'], this.#settings);
    await this.#cli.until(' Started ', START_MS);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    await this.#cli?.end(signal);
  }

  /** Nothing comes through in either direction, and nobody is told. */
  cut(): void {
    this.#proxy.isCut = true;
  }

  heal(): void {
    this.#proxy.isCut = false;
  }

  signal(name: NodeJS.Signals): void {
    this.#cli?.child.kill(name);
  }

  async close(): Promise<void> {
    this.signal('SIGCONT');
    await this.#cli?.end('SIGKILL');
    await this.#proxy.close();
  }
}

/** A clock of the wall that can be stepped, by faketime; elapsed time stays true. */
export class OwnClock {
  #file: string | undefined;

  /** @param folder of the process */
  env(folder: string): Readonly<Record<string, string>> {
    this.#file ??= join(folder, 'clock');
    if (!existsSync(this.#file)) this.step(0);
    return {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      // Two names of one option; versions differ.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param seconds ahead of the clock of this machine; negative: behind */
  step(seconds: number): void {
    if (this.#file === undefined) throw new Error('The process has the clock of this machine');
    // A process may read at any moment.
    writeFileSync(`${this.#file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

const FAKETIME = `/usr/lib/${{ arm64: 'aarch64' }[process.arch as string] ?? 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`;

/** Passes bytes on, or swallows them as a network that drops packets. */
class CutProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  static async open(target: HubPlace): Promise<CutProxy> {
    const port = await freePort();
    const proxy = new CutProxy(port, target);
    await new Promise<void>((resolve) => proxy.#server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(port: number, target: HubPlace) {
    this.port = port;
    this.#server = createServer((client) => {
      const server = connect(target.port, target.address);
      for (const [from, to] of [[client, server] as const, [server, client] as const]) {
        this.#sockets.add(from);
        from.on('data', (chunk) => {
          if (!this.#isCut) to.write(chunk);
        });
        from.on('error', () => from.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          if (!this.#isCut) to.destroy();
        });
      }
    });
  }

  /** Connections that have lost bytes end when the network is back, as after TCP's own timeouts. */
  set isCut(next: boolean) {
    if (!next && this.#isCut) for (const socket of this.#sockets) socket.destroy();
    this.#isCut = next;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function tagsOf({ tags }: AgentWish): readonly string[] {
  return tags === undefined ? [] : ['--tags', tags];
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}

function readLines(path: string): readonly string[] {
  const folder = join(path, '..');
  if (!readdirSync(folder).includes('out.lp')) return [];
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}
