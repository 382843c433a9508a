/** The hub as a part of the agent. A file that cannot be opened turns it off: agents keep their lines until it is repaired. */
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import type { Knock } from '../host/knock.ts';
import { describeStoreError } from '../host/sqlite/sqlite-error.ts';
import type { Metric, Tags } from '../metric/metric.ts';
import { oneAtATime, type FleetEvents } from '../plugin/index.ts';

import type { AgentIntake, HubControl } from './control.ts';
import { Crowded } from './crowded.ts';
import { HostTags } from './host-tags.ts';
import { otherHubs } from './duty.ts';
import { Hub } from './hub.ts';
import { InOrder } from './in-order.ts';
import { Intake, type IntakeOptions, type IntakeTools } from './intake.ts';
import { InventoryDesk } from './inventory-desk.ts';
import { Names, type HostHistory } from './names.ts';
import type { OpenHub } from './open.ts';
import { Probes } from './probes.ts';
import type { Presence } from './presence.ts';
import type { HostRecord } from './records.ts';
import { Rates } from './rates.ts';
import { Registry } from './registry.ts';
import type { HubSettings } from './settings.ts';
import { Sight } from './sight.ts';
import { HUB_FILE, HubStore } from './store.ts';
import { controlOf } from './users-control.ts';
import { fleetMetrics, writerMetrics } from './view.ts';
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

export interface HubOptions extends IntakeTools {
  readonly knock: Knock;
  /** A host is forgotten, by its name. */
  readonly onForgotten: (name: string) => void;
  /** Keeps the history of each host by its id, whatever its name. Undefined without a history. */
  readonly history: () => HostHistory | undefined;
  readonly log: Logger;
}

/** Changes of this time are one. ms. */
const ANNOUNCE_MS = 100;
/** Behind the name of a plain writer that is a member now, for what the history has of before. */
const BEFORE = '~writer';
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
  readonly #shared: IntakeOptions;
  #open: OpenHub | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#shared = { ...options, inOrder: new InOrder(), oneByOne: oneAtATime() };
  }

  prepare({ settings, stateDirectory, listeners, ownName }: HubSection): Promise<Prepared> {
    return Promise.resolve({
      use: () => {
        this.#settings = settings;
        this.#inputs = new Set(listeners);
        this.#ownName = ownName;
        if (settings === undefined) {
          this.#close();
          this.#options.alerts?.()?.retain(() => false);
        } else this.#open ??= this.#begin(settings, stateDirectory);
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
        const settings = this.#settings;
        if (open === undefined || settings === undefined) return [];
        const silentMs = (host: HostRecord) => open.registry.silentMs(host);
        const hosts = [...open.registry.hosts(), ...this.#gone];
        const writers = [...open.writers.all(), ...this.#goneWriters];
        const isAlerted = settings.writers === 'alert';
        return [
          ...fleetMetrics(hosts, open.watch.sites, silentMs, otherHubs(hosts, settings)),
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

  /** Of the hub. Undefined while this agent is none. */
  get id(): string | undefined {
    return this.#open?.registry.hubId;
  }

  /** Undefined while this agent is no hub. */
  get sight(): Sight | undefined {
    return this.#open?.sight;
  }

  /** A host that has sent a metric. */
  sender(id: string): { readonly id: string; readonly offsetMs: number; readonly tags: Tags } | undefined {
    const host = this.#open?.registry.host(id);
    return host && { id, offsetMs: host.offsetMs ?? 0, tags: host.tags };
  }

  /** For users. Undefined while this agent is no hub, or its file cannot be opened. */
  get control(): HubControl | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    const settings = this.#settings;
    return settings && controlOf(open, () => this.#settings ?? settings, this.#options.clock);
  }

  /** For agents. Undefined as `control`. */
  get intake(): AgentIntake | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    return new Intake(open, this.#shared);
  }

  status(): readonly PartStatus[] {
    return [];
  }

  stop(): Promise<void> {
    this.#close();
    return Promise.resolve();
  }

  #begin(first: HubSettings, stateDirectory: string): OpenHub | undefined {
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
          this.#options.alerts?.()?.forget(host.id, 'host_forgotten');
          this.#members = undefined;
          // Unless another host has this name now.
          if (![...tags.names.values()].includes(host.name)) this.#options.onForgotten(host.name);
          this.#gone.add({ ...host, revokedAt: clock.now() });
        },
      });
      const writers = this.#writersOf(store, { registry, names }, settings);
      const hub = new Hub({ registry, settings, clock });
      this.#options.alerts?.()?.retain((id) => registry.host(id) !== undefined);
      const tags = new HostTags({
        hosts: () => registry.hosts(),
        isThere: (host) => !AWAY.includes(host.presence) || registry.silentMs(host) < settings().late,
        ownName: () => this.#ownName,
      });
      const forget = (host: HostRecord) => {
        hub.forget(host, true);
      };
      const probes = new Probes({ knock: this.#options.knock, ports: () => settings().probe_ports, clock });
      const watch = new Watch({ registry, writers, probes, settings, forget, clock, log });
      watch.start();
      const sight = new Sight({ registry, tags, writers, probes, clock });
      const warnings = new Warnings(clock);
      const crowded = new Crowded({
        history: this.#options.history,
        host: (id) => registry.host(id),
        ...{ warnings, clock },
      });
      const inventory = new InventoryDesk({ inventories: store.inventories, registry, clock });
      const made = { hub, registry, watch, names, tags, warnings, crowded, writers, probes, sight, inventory };
      return { ...made, vitals: new Vitals(), rates: new Rates({ settings, clock }) };
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

  #writersOf(
    store: HubStore,
    { registry, names }: { readonly registry: Registry; readonly names: Names },
    settings: () => HubSettings,
  ): Writers {
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
      onForgotten: (writer, isMember) => {
        this.#options.onForgotten(writer.name);
        // What it has written stays until its time, beside that of the member.
        names.set(writer.name, isMember ? `${writer.name}${BEFORE}` : null);
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
    for (const { name } of writers.all()) names.set(name, name, isAgain);
  }

  #close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#open?.watch.stop();
    this.#open?.probes.stop();
    this.#open?.names.stop();
    this.#open?.writers.save();
    this.#open?.crowded.stop();
    this.#open?.registry.close();
    this.#open = undefined;
  }
}
