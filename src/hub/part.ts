/** The hub as a part of the agent. A file that cannot be opened turns it off: agents keep their lines until it is repaired. */
import type { TokenRequest } from '../api/fleet.ts';
import type { Heartbeat } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import { describeStoreError } from '../host/sqlite/sqlite-error.ts';
import { parseLinesInSteps } from '../metric/line-protocol.ts';
import type { Metric } from '../metric/metric.ts';
import { inTurns, type FleetEvents, type Storage } from '../plugin/index.ts';

import type { AgentIntake, AgentSession, AlertIntake, HostAct, HubControl } from './control.ts';
import { Hub } from './hub.ts';
import { HubRefusal } from './refusal.ts';
import { Names, type HostHistory } from './names.ts';
import { isKnown } from './positions.ts';
import type { HostRecord } from './records.ts';
import { Registry } from './registry.ts';
import type { HubSettings } from './settings.ts';
import { HUB_FILE, HubStore } from './store.ts';
import { fleetAnswer, fleetMetrics } from './view.ts';
import { Vitals } from './vitals.ts';
import { Watch } from './watch.ts';

export interface HubSection {
  /** Undefined: this agent is no hub. */
  readonly settings: HubSettings | undefined;
  readonly stateDirectory: string;
}

export interface HubOptions {
  /** Takes a metric of another host on its way to the journal. */
  readonly push: (metric: Metric) => void;
  readonly storage: Storage;
  /** Keeps the history of each host by its id, whatever its name. Undefined without a history. */
  readonly history: () => HostHistory | undefined;
  /** Takes alerts of hosts. Undefined without alerts. */
  readonly alerts?: () => AlertIntake | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Open {
  readonly hub: Hub;
  readonly registry: Registry;
  readonly watch: Watch;
  readonly names: Names;
  readonly vitals: Vitals;
}

/** Changes of this time are one. ms. */
const ANNOUNCE_MS = 100;
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
  /** Number of the last message about alerts, by the process that sent it. */
  readonly #lastSeq = new WeakMap<HostRecord, { readonly start: string; readonly seq: number }>();
  #settings: HubSettings | undefined;
  #open: Open | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  prepare({ settings, stateDirectory }: HubSection): Promise<Prepared> {
    return Promise.resolve({
      use: () => {
        this.#settings = settings;
        if (settings === undefined) {
          this.#close();
          this.#options.alerts?.()?.retain(() => false);
        } else this.#open ??= this.#begin(settings, stateDirectory);
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
        return fleetMetrics(hosts, open.watch.sites, silentMs);
      },
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** For users. Undefined while this agent is no hub, or its file cannot be opened. */
  get control(): HubControl | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const { hub, registry, watch, vitals } = open;
    return {
      host: (name) => hostNamed(registry, name),
      fleet: () => {
        const siteTag = this.#settings?.site_tag ?? '';
        return fleetAnswer({ hosts: registry.hosts(), sites: watch.sites, siteTag, vitals }, this.#options.clock.now());
      },
      events: (name, limit) => {
        const host = name === undefined ? undefined : hostNamed(registry, name);
        if (name !== undefined && host === undefined) return undefined;
        return {
          events: registry
            .events(host?.id, limit)
            .map(({ host: id, ...rest }) => ({ ...rest, ...(id && { host: id }) })),
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
      alerts: (message) => {
        this.#inOrder(host, message.seq);
        registry.heard(host);
        return this.#options.alerts?.()?.take(host, message);
      },
      take: async (lines, run, signal) => {
        registry.heard(host);
        const { start } = host;
        const isAgain = run !== undefined && isKnown(host.account, run);
        const see = (metrics: readonly Metric[]) => {
          vitals.see(host, metrics, clock.now());
        };
        const bad = isAgain ? [] : await this.#take(lines, signal, see);
        // Also for those that came before: the account of them may not have got to the disk.
        // Another process may have come meanwhile: then these numbers are of the one before.
        if (run !== undefined && host.start === start) await hub.received(host, run);
        return bad;
      },
    };
  }

  /** A message that was on its way for long would undo what came after it. @throws HubRefusal */
  #inOrder(host: HostRecord, seq: number): void {
    const { start } = host;
    const last = this.#lastSeq.get(host);
    if (last?.start === start && seq <= last.seq)
      throw new HubRefusal('session', 'A later message about alerts has come before this one');
    this.#lastSeq.set(host, { start, seq });
  }

  /** @throws Error if the journal cannot be written */
  async #take(
    lines: Buffer,
    signal: AbortSignal,
    see: (metrics: readonly Metric[]) => void,
  ): Promise<readonly string[]> {
    const { push, storage } = this.#options;
    const { metrics, errors } = await inTurns(parseLinesInSteps(lines, { most: MOST_LINES }), signal);
    for (const metric of metrics) push(metric);
    see(metrics);
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
        },
        onForgotten: (host) => {
          names.set(host.id, null);
          this.#options.alerts?.()?.forget(host.id, 'host_forgotten');
          this.#gone.add({ ...host, revokedAt: clock.now() });
        },
      });
      const hub = new Hub({ registry, settings, clock });
      for (const { id, name } of registry.hosts()) names.set(id, name);
      this.#options.alerts?.()?.retain((id) => registry.host(id) !== undefined);
      const forget = (host: HostRecord) => {
        hub.forget(host);
      };
      const watch = new Watch({ registry, settings, forget, clock, log });
      watch.start();
      return { hub, registry, watch, names, vitals: new Vitals() };
    } catch (error) {
      const remedy = `restore ${HUB_FILE} from a backup, or move it away and let every host join again`;
      log.error(`The hub is off, since ${HUB_FILE} cannot be opened (${describeStoreError(error)}); ${remedy}`);
      return undefined;
    }
  }

  /** Many hosts may change at once. */
  #announce(): void {
    this.#cancel ??= this.#options.clock.after(ANNOUNCE_MS, () => {
      this.#cancel = undefined;
      for (const listener of this.#listeners) listener();
      this.#gone.clear();
    });
  }

  #close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#open?.watch.stop();
    this.#open?.names.stop();
    this.#open?.registry.close();
    this.#open = undefined;
  }
}

function act({ hub, registry }: Open, what: HostAct, name: string) {
  const host = hostNamed(registry, name);
  if (host === undefined) return undefined;
  hub[what](host);
  registry.write();
  return { id: host.id, name: host.name };
}

/** By id, or by a name that only one host has. */
function hostNamed(registry: Registry, name: string): HostRecord | undefined {
  const named = [...registry.hosts()].filter((host) => host.name === name);
  return registry.host(name) ?? (named.length === 1 ? named[0] : undefined);
}
