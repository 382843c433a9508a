/** The hub as a part of the agent. A file that cannot be opened turns it off: agents keep their lines until it is repaired. */
import type { TokenRequest } from '../api/fleet.ts';
import type { Heartbeat } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import type { Knock } from '../host/knock.ts';
import { describeStoreError } from '../host/sqlite/sqlite-error.ts';
import { parseLinesInSteps } from '../metric/line-protocol.ts';
import type { Metric } from '../metric/metric.ts';
import { inTurns, type FleetEvents, type Storage } from '../plugin/index.ts';

import type { AgentIntake, AgentSession, HostAct, HubControl } from './control.ts';
import { Hub } from './hub.ts';
import { Names, type HostHistory } from './names.ts';
import { notAhead } from './not-ahead.ts';
import { isKnown } from './positions.ts';
import { Probes } from './probes.ts';
import type { HostRecord } from './records.ts';
import { Registry } from './registry.ts';
import type { HubSettings } from './settings.ts';
import { HUB_FILE, HubStore } from './store.ts';
import { fleetAnswer, fleetMetrics, writerMetrics } from './view.ts';
import { Vitals } from './vitals.ts';
import { Watch } from './watch.ts';
import { Writers, type Writer } from './writers.ts';

export interface HubSection {
  /** Undefined: this agent is no hub. */
  readonly settings: HubSettings | undefined;
  readonly stateDirectory: string;
  /** Aliases of the inputs that plain writers write to. */
  readonly listeners: readonly string[];
  /** Value of the hub's own `host` tag. */
  readonly ownName: string | undefined;
}

export interface HubOptions {
  /** Takes a metric of another host on its way to the journal. */
  readonly push: (metric: Metric, host: string) => void;
  readonly storage: Storage;
  readonly knock: Knock;
  /** A host is forgotten, by its name. */
  readonly onForgotten: (name: string) => void;
  /** Keeps the history of each host by its id, whatever its name. Undefined without a history. */
  readonly history: () => HostHistory | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Open {
  readonly hub: Hub;
  readonly registry: Registry;
  readonly watch: Watch;
  readonly names: Names;
  readonly vitals: Vitals;
  readonly writers: Writers;
  readonly probes: Probes;
}

/** Changes of this time are one. ms. */
const ANNOUNCE_MS = 100;
/** What was asked so shortly before has not changed. ms. */
const AWAY_MS = 1000;
/** Texts of bad lines in one answer. */
const MOST_NAMED = 100;
/** Of one request. */
const MOST_LINES = 200_000;

export class HubPart implements Part<HubSection> {
  readonly name = 'hub';
  readonly #options: HubOptions;
  readonly #listeners = new Set<() => void>();
  /** Forgotten a short while ago: their metrics say once more that nothing is wrong with them, so that their alerts end. */
  readonly #gone = new Set<HostRecord>();
  readonly #goneWriters = new Set<Writer>();
  #inputs: ReadonlySet<string> = new Set();
  #ownName: string | undefined;
  /** Undefined after a change. */
  #members: ReadonlySet<string> | undefined;
  /** Asked for many alerts at once. */
  #away: { readonly at: number; readonly names: ReadonlySet<string> } = { at: -Infinity, names: new Set() };
  #settings: HubSettings | undefined;
  #open: Open | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  prepare({ settings, stateDirectory, listeners, ownName }: HubSection): Promise<Prepared> {
    return Promise.resolve({
      use: () => {
        this.#settings = settings;
        this.#inputs = new Set(listeners);
        this.#ownName = ownName;
        if (settings === undefined) this.#close();
        else this.#open ??= this.#begin(settings, stateDirectory);
        return Promise.resolve();
      },
      discard: () => Promise.resolve(),
    });
  }

  /** For the input `fleet`. */
  get events(): FleetEvents {
    return {
      snapshot: () => {
        const open = this.#open;
        if (open === undefined) return [];
        const silentMs = (host: HostRecord) => open.registry.silentMs(host);
        const hosts = [...open.registry.hosts(), ...this.#gone];
        const writers = [...open.writers.all(), ...this.#goneWriters];
        const isAlerted = this.#settings?.writers === 'alert';
        return [
          ...fleetMetrics(hosts, open.watch.sites, silentMs),
          ...writerMetrics(writers, this.#options.clock.elapsed(), isAlerted),
        ];
      },
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** A metric that was gathered here. Those of plain writers say that they are there. */
  observe(metric: Metric, input: string | undefined): void {
    if (input === undefined || !this.#inputs.has(input) || this.#open === undefined) return;
    const writer = this.#open.writers.saw(metric.tags['host'] ?? '');
    if (writer !== undefined) this.#open.vitals.see(writer, [metric], this.#options.clock.now());
  }

  /** Whether no host of this name is heard, though there is one. */
  isAway(name: string): boolean {
    const now = this.#options.clock.elapsed();
    if (now - this.#away.at >= AWAY_MS) this.#away = { at: now, names: awayNames(this.#open) };
    return this.#away.names.has(name);
  }

  /** What else is known of a host that is not heard, as a sentence. */
  opinionOf(id: string): string | undefined {
    const open = this.#open;
    const host = open?.registry.host(id);
    if (open === undefined || host === undefined) return undefined;
    const opinion = open.writers.isWriting(host.name)
      ? 'but a plain writer on it still sends lines'
      : open.probes.opinionOf(host);
    return opinion && `The hub hears nothing of the agent, ${opinion}.`;
  }

  /** A host that has sent a metric. */
  sender(id: string): { readonly id: string; readonly offsetMs: number } | undefined {
    const host = this.#open?.registry.host(id);
    return host && { id, offsetMs: host.offsetMs ?? 0 };
  }

  /** For users. Undefined while this agent is no hub, or its file cannot be opened. */
  get control(): HubControl | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const { hub, registry, watch, writers, vitals, probes } = open;
    return {
      host: (name) => hostNamed(registry, name),
      fleet: () => {
        const siteTag = this.#settings?.site_tag ?? '';
        const hosts = { hosts: registry.hosts(), writers: writers.all() };
        const opinionOf = (host: HostRecord) => probes.opinionOf(host);
        return fleetAnswer({ ...hosts, sites: watch.sites, siteTag, vitals, opinionOf }, this.#options.clock.now());
      },
      events: (name, limit) => {
        const id = name === undefined ? undefined : (hostNamed(registry, name)?.id ?? writers.find(name)?.name);
        if (name !== undefined && id === undefined) return undefined;
        return {
          events: registry
            .events(id, limit)
            .map(({ host, ...rest }) => ({ ...rest, ...(host !== undefined && { host }) })),
        };
      },
      tokens: () => ({
        tokens: registry
          .tokens()
          .map(({ id, tags, createdAt, expiresAt, uses, used }) => ({ id, tags, createdAt, expiresAt, uses, used })),
      }),
      createToken: ({ forgetAfterMs, ...wish }: TokenRequest) => {
        const { token, record } = hub.createToken({ ...wish, forgetAfterMs });
        return { id: record.id, token, expiresAt: record.expiresAt };
      },
      endToken: (id) => {
        const token = registry.tokens().find((each) => each.id === id);
        if (token !== undefined) registry.endToken(token);
        return token !== undefined;
      },
      act: (what, name) => act(open, what, name),
    };
  }

  /** For agents. Undefined as `control`. */
  get intake(): AgentIntake | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const { hub } = open;
    const { storage } = this.#options;
    return {
      join: (token, request) => hub.join(token, request),
      nonce: (id) => hub.nonce(id),
      openSession: (request) => hub.openSession(request),
      session: (token) => this.#session(open, hub.hostOf(token)),
      get trouble() {
        return storage.trouble;
      },
    };
  }

  status(): readonly PartStatus[] {
    return [];
  }

  stop(): Promise<void> {
    this.#close();
    return Promise.resolve();
  }

  #session({ hub, registry, vitals }: Open, host: HostRecord): AgentSession {
    const { clock } = this.#options;
    return {
      heartbeat: (message: Heartbeat) => {
        hub.heartbeat(host, message);
        return clock.now();
      },
      take: async (lines, run, signal) => {
        registry.heard(host);
        const { start } = host;
        const isAgain = run !== undefined && isKnown(host.account, run);
        const see = (metrics: readonly Metric[]) => {
          vitals.see(host, metrics, clock.now());
        };
        const inTime = (metrics: readonly Metric[]) => {
          const now = clock.now();
          const corrected = notAhead(metrics, now, host.offsetMs);
          if (corrected.count > 0) registry.corrected(host, corrected.count);
          return corrected.metrics;
        };
        const bad = isAgain ? [] : await this.#take(lines, signal, host.id, see, inTime);
        // Also for those that came before: the account of them may not have got to the disk.
        // Another process may have come meanwhile: then these numbers are of the one before.
        if (run !== undefined && host.start === start) await hub.received(host, run);
        return bad;
      },
    };
  }

  /** @throws Error if the journal cannot be written */
  async #take(
    lines: Buffer,
    signal: AbortSignal,
    host: string,
    see: (metrics: readonly Metric[]) => void,
    inTime: (metrics: readonly Metric[]) => readonly Metric[],
  ): Promise<readonly string[]> {
    const { push, storage } = this.#options;
    const { metrics, errors } = await inTurns(parseLinesInSteps(lines, { most: MOST_LINES }), signal);
    const corrected = inTime(metrics);
    for (const metric of corrected) push(metric, host);
    see(corrected);
    await storage.written();
    return errors.slice(0, MOST_NAMED).map(({ line, message, excerpt }) => `${line}: ${message}: ${excerpt}`);
  }

  #begin(first: HubSettings, stateDirectory: string): Open | undefined {
    const { clock, log } = this.#options;
    const settings = () => this.#settings ?? first;
    try {
      const store = new HubStore(stateDirectory);
      const names = new Names(this.#options.history, clock);
      const registry = new Registry({
        store,
        clock,
        log,
        onChange: () => {
          this.#announce();
        },
        onNamed: ({ id, name }) => {
          names.set(id, name);
          this.#members = undefined;
          writers.joined(name);
        },
        onForgotten: (host) => {
          names.set(host.id, null);
          this.#members = undefined;
          this.#options.onForgotten(host.name);
          this.#gone.add({ ...host, revokedAt: clock.now() });
        },
      });
      const writers = this.#writersOf(store, registry, settings);
      const hub = new Hub({ registry, settings, clock });
      for (const { id, name } of registry.hosts()) names.set(id, name);
      const forget = (host: HostRecord) => {
        hub.forget(host);
      };
      const probes = new Probes({ knock: this.#options.knock, ports: () => settings().probe_ports, clock });
      const watch = new Watch({ registry, writers, probes, settings, forget, clock, log });
      watch.start();
      return { hub, registry, watch, names, writers, probes, vitals: new Vitals() };
    } catch (error) {
      const remedy = `restore ${HUB_FILE} from a backup, or move it away and let every host join again`;
      log.error(`The hub is off, since ${HUB_FILE} cannot be opened (${describeStoreError(error)}); ${remedy}`);
      return undefined;
    }
  }

  /** Names and ids. A flood of names is looked up here. */
  #memberNames(registry: Registry): ReadonlySet<string> {
    this.#members ??= new Set([...registry.hosts()].flatMap(({ id, name }) => [id, name]));
    return this.#members;
  }

  #writersOf(store: HubStore, registry: Registry, settings: () => HubSettings): Writers {
    const { clock, log } = this.#options;
    return new Writers({
      store,
      settings,
      clock,
      log,
      isMember: (name) => name === this.#ownName || this.#memberNames(registry).has(name),
      note: (...event) => {
        registry.noteWriter(...event);
      },
      onChange: () => {
        this.#announce();
      },
      onForgotten: (writer) => {
        this.#options.onForgotten(writer.name);
        this.#goneWriters.add({ ...writer, presence: 'up' });
      },
    });
  }

  /** Many hosts may change at once. */
  #announce(): void {
    this.#cancel ??= this.#options.clock.after(ANNOUNCE_MS, () => {
      this.#cancel = undefined;
      for (const listener of this.#listeners) listener();
      this.#gone.clear();
      this.#goneWriters.clear();
    });
  }

  #close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#open?.watch.stop();
    this.#open?.probes.stop();
    this.#open?.names.stop();
    this.#open?.writers.save();
    this.#open?.registry.close();
    this.#open = undefined;
  }
}

function act({ hub, registry, writers }: Open, what: HostAct, name: string) {
  const host = hostNamed(registry, name);
  // Nobody has to approve a plain writer, and nothing of it can be revoked.
  if (host === undefined) return what === 'forget' && writers.forget(name) ? { id: name, name } : undefined;
  hub[what](host);
  registry.write();
  return { id: host.id, name: host.name };
}

/** Of two hosts with one name, one may be there. */
function awayNames(open: Open | undefined): ReadonlySet<string> {
  if (open === undefined) return new Set();
  const hosts = [...open.registry.hosts()].filter((host) => host.isApproved && host.revokedAt === undefined);
  const all = [...hosts, ...open.writers.all()];
  const away = new Set(all.filter(({ presence }) => presence !== 'up').map(({ name }) => name));
  for (const { name, presence } of all) if (presence === 'up') away.delete(name);
  return away;
}

/** By id, or by a name that only one host has. */
function hostNamed(registry: Registry, name: string): HostRecord | undefined {
  const named = [...registry.hosts()].filter((host) => host.name === name);
  return registry.host(name) ?? (named.length === 1 ? named[0] : undefined);
}
