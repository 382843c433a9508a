/** The hub as a part of the agent. A file that cannot be opened turns it off: agents keep their lines until it is repaired. */
import type { TokenRequest } from '../api/fleet.ts';
import type { Heartbeat } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import { printable } from '../core/printable.ts';
import { describeStoreError } from '../host/sqlite/sqlite-error.ts';
import { parseLinesInSteps } from '../metric/line-protocol.ts';
import type { Metric } from '../metric/metric.ts';
import { inTurns, oneAtATime, type FleetEvents, type Storage } from '../plugin/index.ts';

import type { AgentIntake, AgentSession, HostAct, HubControl } from './control.ts';
import { Crowded } from './crowded.ts';
import { CLAIMED_HOST, HostTags } from './host-tags.ts';
import { Hub } from './hub.ts';
import { Names, type HostHistory } from './names.ts';
import { isKnown } from './positions.ts';
import type { Presence } from './presence.ts';
import type { HostRecord } from './records.ts';
import { Registry } from './registry.ts';
import type { HubSettings } from './settings.ts';
import { HUB_FILE, HubStore } from './store.ts';
import { fleetAnswer, fleetMetrics, writerMetrics } from './view.ts';
import { Vitals } from './vitals.ts';
import { Warnings } from './warnings.ts';
import { Watch } from './watch.ts';
import { Writers, type Writer } from './writers.ts';

export interface HubSection {
  /** Undefined: this agent is no hub. */
  readonly settings: HubSettings | undefined;
  readonly stateDirectory: string;
  /** Aliases of the inputs that plain writers write to. */
  readonly listeners: readonly string[];
  /** Value of the tag `host` of the hub's own metrics; undefined if they have none. */
  readonly ownName?: string | undefined;
}

export interface HubOptions {
  /** Takes a metric of another host on its way to the journal. */
  readonly push: (metric: Metric, host: string) => void;
  readonly storage: Storage;
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
  readonly tags: HostTags;
  readonly warnings: Warnings;
  readonly crowded: Crowded;
}

/** Changes of this time are one. ms. */
const ANNOUNCE_MS = 100;
/** Texts of bad lines in one answer. */
const MOST_NAMED = 100;
/** Of one request. */
const MOST_LINES = 200_000;
/** Names in one warning. */
const MOST_CLAIMED = 5;
/** Of these names together, characters. */
const MOST_LENGTH = 200;
/** Another host may have the name meanwhile. */
const AWAY: readonly Presence[] = ['down', 'stopped'];

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
  #settings: HubSettings | undefined;
  /** What is made of a batch takes many times its memory; and so one that sends without end waits for the others. */
  readonly #oneByOne = oneAtATime();
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
        this.#open?.tags.changed();
        // There may be a history now.
        this.#nameHosts(true);
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

  /** A host that has sent a metric. */
  sender(id: string): { readonly id: string; readonly offsetMs: number } | undefined {
    const host = this.#open?.registry.host(id);
    return host && { id, offsetMs: host.offsetMs ?? 0 };
  }

  /** For users. Undefined while this agent is no hub, or its file cannot be opened. */
  get control(): HubControl | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const { hub, registry, watch, writers, vitals } = open;
    return {
      host: (name) => hostNamed(registry, name),
      grants: () => [...registry.hosts()].map(({ id, name, granted }) => ({ id, name, granted })),
      fleet: () => {
        const siteTag = this.#settings?.site_tag ?? '';
        const hosts = { hosts: registry.hosts(), writers: writers.all() };
        return fleetAnswer({ ...hosts, sites: watch.sites, siteTag, vitals }, this.#options.clock.now());
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
      openSession: (request) => {
        const answer = hub.openSession(request);
        // One that was away may have its name again.
        open.tags.changed();
        return answer;
      },
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

  #session(open: Open, host: HostRecord): AgentSession {
    const { hub, registry, warnings } = open;
    const { clock } = this.#options;
    return {
      host: host.id,
      heartbeat: (message: Heartbeat) => {
        hub.heartbeat(host, message);
        return { now: clock.now(), warnings: [...warnings.of(host)] };
      },
      take: async (lines, run, signal) => {
        registry.heard(host);
        const { start } = host;
        const isAgain = run !== undefined && isKnown(host.account, run);
        const bad = isAgain ? [] : await this.#take(open, host, lines, signal);
        // Also for those that came before: the account of them may not have got to the disk.
        // Another process may have come meanwhile: then these numbers are of the one before.
        if (run !== undefined && host.start === start) await hub.received(host, run);
        return bad;
      },
    };
  }

  /** @throws Error if the journal cannot be written */
  async #take(open: Open, host: HostRecord, lines: Buffer, signal: AbortSignal): Promise<readonly string[]> {
    const errors = await this.#oneByOne(async () => {
      signal.throwIfAborted();
      const parsed = await inTurns(parseLinesInSteps(lines, { most: MOST_LINES }), signal);
      this.#push(open, host, parsed.metrics);
      return parsed.errors;
    });
    await this.#options.storage.written();
    return errors.slice(0, MOST_NAMED).map(({ line, message, excerpt }) => `${line}: ${message}: ${excerpt}`);
  }

  #push({ tags, vitals, warnings }: Open, host: HostRecord, metrics: readonly Metric[]): void {
    const { push, clock } = this.#options;
    const claimed = new Set<string>();
    for (const each of metrics) {
      const { metric, isForeign } = tags.check(host, each);
      if (isForeign) claimed.add(each.tags['host'] ?? '');
      push(metric, host.id);
    }
    vitals.see(host, metrics, clock.now());
    if (claimed.size === 0) return;
    const named = [...claimed].slice(0, MOST_CLAIMED).join(', ').slice(0, MOST_LENGTH);
    const remedy = `they are kept as lines of this host, with the tag ${CLAIMED_HOST}; set another tag host on them`;
    warnings.warn(host, 'names', `Lines with the name of another host (${printable(named)}): ${remedy}`);
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
        onForgotten: (host) => {
          names.set(host.id, null);
          this.#members = undefined;
          this.#gone.add({ ...host, revokedAt: clock.now() });
        },
      });
      const writers = this.#writersOf(store, registry, settings);
      const hub = new Hub({ registry, settings, clock });
      const tags = new HostTags({
        hosts: () => registry.hosts(),
        isThere: (host) => !AWAY.includes(host.presence) || registry.silentMs(host) < settings().late,
        ownName: () => this.#ownName,
      });
      const forget = (host: HostRecord) => {
        hub.forget(host, true);
      };
      const watch = new Watch({ registry, writers, settings, forget, clock, log });
      watch.start();
      const warnings = new Warnings(clock);
      const crowded = new Crowded({
        history: this.#options.history,
        host: (id) => registry.host(id),
        ...{ warnings, clock },
      });
      return { hub, registry, watch, names, tags, warnings, crowded, writers, vitals: new Vitals() };
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
        this.#goneWriters.add({ ...writer, presence: 'up' });
      },
    });
  }

  /** Many hosts may change at once. */
  #announce(): void {
    this.#open?.tags.changed();
    this.#cancel ??= this.#options.clock.after(ANNOUNCE_MS, () => {
      this.#cancel = undefined;
      this.#nameHosts();
      for (const listener of this.#listeners) listener();
      this.#gone.clear();
      this.#goneWriters.clear();
    });
  }

  /** The history keeps hosts apart by names, so each has one of its own. @param isAgain also those that it was told before */
  #nameHosts(isAgain = false): void {
    if (this.#open === undefined) return;
    const { names, tags, writers } = this.#open;
    this.#members = undefined;
    for (const [id, name] of tags.names) {
      names.set(id, name, isAgain);
      writers.joined(name);
    }
  }

  #close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#open?.watch.stop();
    this.#open?.names.stop();
    this.#open?.writers.save();
    this.#open?.crowded.stop();
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

/** By id, or by a name that only one host has. */
function hostNamed(registry: Registry, name: string): HostRecord | undefined {
  const named = [...registry.hosts()].filter((host) => host.name === name);
  return registry.host(name) ?? (named.length === 1 ? named[0] : undefined);
}
