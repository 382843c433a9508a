/** A hub and agents as processes on this machine, each in a folder of its own; agents reach the hub through a proxy that can be cut. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import type { FleetAnswer, FleetEventsAnswer } from '../../../src/api/fleet.ts';
import { freePort, serverFolder, waitFor } from '../servers/real-server.ts';

import { runCli, startCli, type RunningCli } from './cli.ts';

/** A busy machine starts them late. */
const START_MS = 60_000;

export interface HubProcessSettings {
  /** The section `hub`. */
  readonly hub: Readonly<Record<string, unknown>>;
  /** Of the hub. Default: `mem`. */
  readonly inputs?: readonly unknown[];
  readonly alerts?: unknown;
  readonly notifiers?: unknown;
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
      writeJson(join(folder, 'healthd.json'), {
        agent: { interval: '1s', hostname: 'hub', state_dir: join(folder, 'state'), flush_interval: '1s' },
        inputs,
        outputs: [{ file: { path: join(folder, 'out.lp') } }],
        server: { listen: `127.0.0.1:${this.#port}` },
        history: false,
        hub,
        alerts,
        notifiers,
      });
    }
    this.#hub = startCli(['run'], { cwd: folder });
    await this.#hub.until(' Started ', START_MS);
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

  /** An agent that has joined, and runs. */
  async addAgent(name: string, join: { readonly tags?: string } = {}): Promise<AgentProcess> {
    const tags = join.tags === undefined ? [] : ['--tags', join.tags];
    const { join: address } = await this.ask<{ readonly join: string }>('hub', 'token', 'create', ...tags);
    const agent = await AgentProcess.create(this.folder, name, this.#port);
    this.#agents.push(agent);
    await agent.join(address);
    await agent.start();
    return agent;
  }

  /** The state directory of an agent, copied to another machine, which runs too. */
  async cloneOf(original: AgentProcess, folder: string): Promise<AgentProcess> {
    const clone = await AgentProcess.create(this.folder, original.name, this.#port, folder);
    this.#agents.push(clone);
    clone.copyStateOf(original);
    await clone.start();
    return clone;
  }

  /** All lines that the agent has made until now come. */
  async allCome({ name, lines }: AgentProcess): Promise<void> {
    const isThere = () => {
      const come = new Set(this.lines);
      return Promise.resolve(lines.length > 0 && lines.every((line) => come.has(line)));
    };
    await waitFor(isThere, { timeout: START_MS, interval: 500, what: `The last of the lines of ${name}` });
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
  #cli: RunningCli | undefined;
  #boots = 0;

  static async create(fleet: string, name: string, hubPort: number, folder = name): Promise<AgentProcess> {
    return new AgentProcess(join(fleet, folder), name, await CutProxy.open(hubPort));
  }

  private constructor(folder: string, name: string, proxy: CutProxy) {
    this.#folder = folder;
    this.name = name;
    this.#proxy = proxy;
    mkdirSync(folder);
    this.configure();
    this.boot();
  }

  get #settings() {
    return { cwd: this.#folder, env: { HOST_PROC: join(this.#folder, 'proc') } };
  }

  /** What it has made, but for lines about itself. */
  get lines(): readonly string[] {
    return readLines(join(this.#folder, 'out.lp'));
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

  configure(): void {
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
    });
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

  /** @param address of the hub; the agent takes the way through its proxy */
  async join(address: string): Promise<void> {
    const url = new URL(address);
    url.port = String(this.#proxy.port);
    const { code, stderr } = await runCli(['join', url.href], this.#settings);
    if (code !== 0) throw new Error(`healthd join ended with ${code ?? 'a signal'}:\n${stderr}`);
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

/** Passes bytes on, or swallows them as a network that drops packets. */
class CutProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  static async open(target: number): Promise<CutProxy> {
    const port = await freePort();
    const proxy = new CutProxy(port, target);
    await new Promise<void>((resolve) => proxy.#server.listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(port: number, target: number) {
    this.port = port;
    this.#server = createServer((client) => {
      const server = connect(target, '127.0.0.1');
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

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}

function readLines(path: string): readonly string[] {
  const folder = join(path, '..');
  if (!readdirSync(folder).includes('out.lp')) return [];
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}
