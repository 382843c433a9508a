/** Notifications over a store that can crash, on a clock that is moved by hand, with receivers that answer as a test says. */
import type { AlertEvent } from '../../../src/alerts/alert-event.ts';
import { compileRouting } from '../../../src/alerts/audience/compile-routing.ts';
import { routingSchema } from '../../../src/alerts/audience/schema.ts';
import type { ReceiverSettings, Routing } from '../../../src/alerts/audience/routing.ts';
import type { Desk } from '../../../src/alerts/handover/desk.ts';
import { Notifications } from '../../../src/alerts/notify/notifications.ts';
import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';
import type { AlertLevel, AlertView } from '../../../src/plugin/notification.ts';
import { nearest } from '../../../src/registry/nearest.ts';
import { manualClock } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import { firstAlert } from '../../support/kit/sample-alerts.ts';

export const NOON = Date.parse('2026-03-02T12:00:00Z');

export function routingOf(config: unknown, receivers: readonly (string | ReceiverSettings)[]): Routing {
  const { routing, problems } = compileRouting(
    routingSchema.parse(config),
    receivers.map((receiver) => (typeof receiver === 'string' ? { name: receiver } : receiver)),
    nearest,
  );
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return routing;
}

/** A manual clock whose wall time can be set without the passing of time. */
export function settableClock(start = NOON) {
  const clock = manualClock(start);
  let offset = 0;
  return {
    ...clock,
    now: () => clock.now() + offset,
    step: (ms: number) => {
      offset += ms;
    },
  };
}

export class Crash extends Error {}

/** A store as one process sees it: it dies when a commit fails, and takes nothing from then on. */
export function crashingStore(store: AlertStore): AlertStore & { crashAfter: number; isDead: boolean } {
  let depth = 0;
  const process = {
    ...store,
    crashAfter: Infinity,
    isDead: false,
    collection: (name: Parameters<AlertStore['collection']>[0]) => {
      const table = store.collection(name);
      return {
        ...table,
        put: (key: string, value: unknown) => {
          process.transaction(() => {
            table.put(key, value);
          });
        },
        delete: (key: string) => {
          process.transaction(() => {
            table.delete(key);
          });
        },
      };
    },
    audit: (entry: Parameters<AlertStore['audit']>[0]) => {
      if (process.isDead) throw new Crash();
      store.audit(entry);
    },
    transaction: <T>(work: () => T): T => {
      if (process.isDead) throw new Crash();
      if (depth > 0) return work();
      depth += 1;
      try {
        return store.transaction(() => {
          const result = work();
          process.crashAfter -= 1;
          if (process.crashAfter < 0) {
            process.isDead = true;
            throw new Crash();
          }
          return result;
        });
      } finally {
        depth -= 1;
      }
    },
  };
  return process;
}

export interface World {
  readonly level: AlertLevel;
  readonly startsAt: number;
  readonly isQuiet: boolean;
  /** It flaps: changes are history only until it is calm. */
  readonly isFlapping?: boolean;
  /** It has ended while it flapped. */
  readonly hasEnded?: boolean;
}

export interface KitOptions {
  readonly routing: Routing;
  readonly receivers: readonly Receiver[];
  readonly store?: AlertStore;
  /** Takes the troubles of receivers. */
  readonly troubles?: (readonly [receiver: string, reason: string | undefined])[];
  readonly clock?: ReturnType<typeof settableClock>;
  /** For a link to a hub. */
  readonly desk?: Desk;
}

/** One process: an engine reduced to the state of its alerts, and the real notifications. */
export class Kit {
  readonly clock;
  readonly store;
  readonly log = recordingLog();
  readonly notifications: Notifications;
  readonly #disk: AlertStore;
  isQuiet = false;

  constructor({ routing, receivers, store = memoryAlertStore(), clock = settableClock(), troubles, desk }: KitOptions) {
    this.clock = clock;
    this.#disk = store;
    this.store = crashingStore(store);
    this.notifications = new Notifications({
      routing,
      receivers,
      repeatOf: () => undefined,
      store: this.store,
      clock,
      random: () => 0.5,
      current: (fingerprint) => {
        const world = this.world(fingerprint);
        return world === undefined ? undefined : viewOf(fingerprint, world);
      },
      display: () => ({ publicUrl: undefined, timeZone: 'UTC' }),
      onTrouble: (receiver, reason) => troubles?.push([receiver, reason]),
      onResolution: ({ fingerprint }) => {
        this.set(fingerprint, 'ok');
      },
      desk,
      log: this.log,
    });
  }

  start(): void {
    this.notifications.start(
      this.firing().map(([fingerprint, world]) => ({
        kind: 'fired',
        alert: viewOf(fingerprint, world),
        at: world.startsAt,
        quiet: world.isQuiet ? 'notify_off' : undefined,
      })),
    );
  }

  /** As the engine has stored it. */
  firing(): readonly (readonly [string, World])[] {
    return this.#disk.collection('states').entries() as readonly (readonly [string, World])[];
  }

  world(fingerprint: string): World | undefined {
    return this.#disk.collection('states').get(fingerprint) as World | undefined;
  }

  set(fingerprint: string, level: AlertLevel | 'ok'): void {
    const before = this.world(fingerprint);
    if (before === undefined && level === 'ok') return;
    const world: World = {
      level: level === 'ok' ? (before?.level ?? 'warning') : level,
      startsAt: before?.startsAt ?? this.clock.now(),
      isQuiet: this.isQuiet,
      isFlapping: before?.isFlapping === true,
      hasEnded: level === 'ok',
    };
    const kind = level === 'ok' ? 'resolved' : before === undefined ? 'fired' : 'level_up';
    this.#become(fingerprint, world, kind);
  }

  flap(fingerprint: string, isFlapping: boolean): void {
    const world = this.world(fingerprint);
    if (world === undefined || world.isFlapping === isFlapping) return;
    this.#become(fingerprint, { ...world, isFlapping }, isFlapping ? 'flapping_start' : 'flapping_end');
  }

  #become(fingerprint: string, world: World, kind: AlertEvent['kind']): void {
    const at = this.clock.now();
    const view = viewOf(fingerprint, world);
    const isOver = world.hasEnded === true && world.isFlapping !== true;
    const isHistory = world.isFlapping === true && kind !== 'flapping_start';
    const event: AlertEvent = {
      kind,
      alert: world.hasEnded === true ? { ...view, status: 'resolved', endsAt: at } : view,
      at,
      quiet: isHistory ? 'flapping' : world.isQuiet ? 'notify_off' : undefined,
    };
    this.store.transaction(() => {
      const states = this.store.collection('states');
      if (isOver) states.delete(fingerprint);
      else states.put(fingerprint, world);
      this.notifications.handle(event);
    });
  }
}

export function viewOf(fingerprint: string, { level, startsAt, isFlapping = false }: World): AlertView {
  return {
    ...firstAlert(),
    fingerprint,
    rule: fingerprint,
    host: 'web1',
    tags: { host: 'web1' },
    labels: {},
    level,
    startsAt,
    endsAt: undefined,
    status: 'firing',
    previousLevel: 'ok',
    flapping: isFlapping,
    context: [],
  };
}

/** Lets everything happen that needs no time: the next turn begins when no promise is left to go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
