/** A hub on a clock that stands, and agents that speak to it without a network. */
import { sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  PROTOCOL,
  signedText,
  type Goodbye,
  type HeartbeatAnswer,
  type HostEvidence,
  type KeyOffer,
} from '../../src/api/hub-protocol.ts';
import { newKey } from '../../src/host/hub/membership.ts';
import type { Knock } from '../../src/host/knock.ts';
import { HubPart } from '../../src/hub/part.ts';
import type { HubSettings } from '../../src/hub/settings.ts';
import { LineEncoder } from '../../src/metric/line-protocol.ts';
import type { Storage } from '../../src/plugin/index.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { pass, type ManualClock } from '../support/kit/runner.ts';

export const SETTINGS: HubSettings = {
  approve: 'auto',
  late: 15_000,
  down: 45_000,
  forget: 14 * 86_400_000,
  lines_per_second: 10_000,
  writers: 'list',
  probe_ports: [22],
  site_tag: 'site',
};

export class HubScene {
  readonly folder = mkdtempSync(join(tmpdir(), 'healthd-hub-'));
  readonly clock: ManualClock = manualClock();
  readonly log = recordingLog();
  /** Lines that went on to the journal. */
  readonly lines: string[] = [];
  /** Names of hosts that are forgotten. */
  readonly forgotten: string[] = [];
  /** Hosts that the history knows by id. */
  readonly named = new Map<string, string>();
  /** Those that have too many series. */
  readonly crowded: string[] = [];
  hasHistory = true;
  storage: Storage = { trouble: undefined, nextLine: 0, written: () => Promise.resolve() };
  /** What hosts answer at their ports. */
  knock: Knock = () => Promise.resolve('silent');
  part!: HubPart;

  static async open(settings: Partial<HubSettings> = {}): Promise<HubScene> {
    const scene = new HubScene();
    await scene.start(settings);
    return scene;
  }

  async start(settings: Partial<HubSettings> = {}): Promise<void> {
    this.part = new HubPart({
      push: (metric) => {
        const encoder = new LineEncoder();
        encoder.add(metric);
        this.lines.push(Buffer.from(encoder.take()).toString().trim());
      },
      onForgotten: (name) => {
        this.forgotten.push(name);
      },
      storage: this.storage,
      knock: (...asked) => this.knock(...asked),
      history: () =>
        this.hasHistory
          ? {
              nameHost: (id, name) => {
                this.named.set(id, name);
                return Promise.resolve();
              },
              forgetHost: (id) => {
                this.named.delete(id);
                return Promise.resolve();
              },
              crowded: () => Promise.resolve(this.crowded),
            }
          : undefined,
      clock: this.clock,
      log: this.log,
    });
    await this.reload(settings);
  }

  async reload(settings: Partial<HubSettings> = {}): Promise<void> {
    const prepared = await this.part.prepare({
      settings: { ...SETTINGS, ...settings },
      stateDirectory: join(this.folder, 'state'),
      listeners: ['influxdb_listener'],
      ownName: 'hub',
    });
    await prepared.use();
  }

  async restart(settings: Partial<HubSettings> = {}): Promise<void> {
    await this.part.stop();
    await this.start(settings);
  }

  token(
    wish: {
      readonly uses?: number;
      readonly tags?: Readonly<Record<string, string>>;
      readonly forgetAfterMs?: number;
    } = {},
  ) {
    const { uses = 1, tags = {}, ...rest } = wish;
    return this.part.control!.createToken({ tags, uses, expiresMs: 3_600_000, ...rest });
  }

  /** A host that has joined and signed in. */
  host(name: string, tags: Readonly<Record<string, string>> = {}): Member {
    const member = new Member(this, name);
    member.join(this.token({ tags }).token);
    member.signIn();
    return member;
  }

  pass(ms: number): Promise<void> {
    return pass(this.clock, ms);
  }

  /** Time passes until the work is done. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    const state = { isDone: false };
    const end = () => {
      state.isDone = true;
    };
    work.then(end, end);
    while (!state.isDone) await this.pass(100);
    return work;
  }

  /** A plain writer sends a line, through a listener. */
  write(host: string, input = 'influxdb_listener'): void {
    this.part.observe({ name: 'mem', tags: { host }, fields: { used_percent: 41 }, time: 1n }, input);
  }

  /** Time passes in which these plain writers, and no others, write every ten seconds. */
  async passWriting(ms: number, ...names: readonly string[]): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10_000) {
      for (const name of names) this.write(name);
      await this.pass(Math.min(10_000, ms - passed));
    }
  }

  /** Time passes in which these hosts, and no others, say that they are there. */
  async passHeard(ms: number, ...members: readonly Member[]): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5000) {
      for (const member of members) member.beat();
      await this.pass(Math.min(5000, ms - passed));
    }
  }

  presence(name: string): string | undefined {
    return this.part.control!.fleet().hosts.find((host) => host.name === name)?.presence;
  }

  /** Kinds, the oldest first. */
  events(name?: string): readonly string[] {
    return this.part
      .control!.events(name, 1000)!
      .events.map(({ kind }) => kind)
      .toReversed();
  }

  /** A field of the host's metric now. */
  field(name: string, field: string): number | undefined {
    return this.part.events.snapshot().find(({ tags }) => tags['host'] === name)?.fields[field];
  }

  async close(): Promise<void> {
    await this.part.stop();
    rmSync(this.folder, { recursive: true });
  }
}

let starts = 0;

/** An agent. A copy of it is a clone. */
export class Member {
  id = '';
  key = newKey();
  session = '';
  nextLine = 1;
  evidence: HostEvidence;
  readonly #scene: HubScene;

  constructor(scene: HubScene, name: string) {
    this.#scene = scene;
    this.evidence = {
      name,
      machine: `machine-of-${name}`,
      boot: `boot-of-${name}`,
      start: `start-${(starts += 1)}`,
      bootedAt: 1,
      addresses: ['192.0.2.1'],
      version: '0.1.0',
      protocol: PROTOCOL,
    };
  }

  get #intake() {
    return this.#scene.part.intake!;
  }

  join(token: string) {
    const joined = this.#intake.join(token, { key: this.key.publicKey, host: this.evidence });
    this.id = joined.id;
    return joined;
  }

  signIn(): void {
    const { id, evidence, nextLine } = this;
    const nonce = this.#intake.nonce(id);
    const signature = sign(null, signedText(id, nonce, evidence.start), this.key.privateKey).toString('base64url');
    this.session = this.#intake.openSession({ id, nonce, signature, nextLine, host: evidence }).token;
  }

  /** The process begins again; with another boot, the machine did. */
  restart(boot = this.evidence.boot): void {
    this.evidence = { ...this.evidence, boot, start: `start-${(starts += 1)}` };
    this.signIn();
  }

  /** The same state directory on another machine. */
  clone(): Member {
    const copy = new Member(this.#scene, this.evidence.name);
    copy.id = this.id;
    copy.key = this.key;
    return copy;
  }

  /** Hubs that it asks before this one. */
  before: readonly string[] = [];

  beat(goodbye?: Goodbye, pending = 0): HeartbeatAnswer {
    return this.#intake.session(this.session).heartbeat({
      offsetMs: 0,
      name: this.evidence.name,
      tags: {},
      pending,
      ...(goodbye && { goodbye }),
      ...(this.before.length > 0 && { before: [...this.before] }),
    });
  }

  offerKey(offer: KeyOffer): void {
    this.#intake.session(this.session).offerKey(offer);
  }

  /** Says tags of its own. */
  beatWith(tags: Readonly<Record<string, string>>): void {
    const { name } = this.evidence;
    this.#intake.session(this.session).heartbeat({ offsetMs: 0, name, tags, pending: 0 });
  }

  /** Sends lines of its journal. @param skip lines that it does not send */
  async send(count: number, skip = 0): Promise<readonly string[]> {
    const from = this.nextLine + skip;
    this.nextLine = from + count;
    return this.sendRun(from, this.nextLine);
  }

  /** Sends nothing, and says what it was. */
  claim(run: { readonly from: number; readonly to: number; readonly size: number }): Promise<readonly string[]> {
    const taken = this.#intake.session(this.session).take(Buffer.alloc(0), run, new AbortController().signal);
    return this.#scene.until(taken);
  }

  async sendRun(from: number, to: number): Promise<readonly string[]> {
    const lines = Array.from(
      { length: to - from },
      (_, index) => `m,host=${this.evidence.name} v=${from + index}i ${from + index}\n`,
    );
    return this.sendLines(lines, from);
  }

  /** @param from number of the first in the journal */
  async sendLines(lines: readonly string[], from = this.nextLine): Promise<readonly string[]> {
    const run = { from, to: from + lines.length, size: lines.length };
    const taken = this.#intake
      .session(this.session)
      .take(Buffer.from(lines.join('')), run, new AbortController().signal);
    return this.#scene.until(taken);
  }
}
