/** Looks at all hosts once a second: who is late, who is down, whether a site is lost, whether the hub itself stood still. */
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { Logger } from '../core/logger.ts';
import { FailureLog } from '../host/failure-log.ts';

import { countsForSite, isSiteLost, presenceOf, type Heard, type Presence } from './presence.ts';
import type { HostRecord } from './records.ts';
import type { Registry } from './registry.ts';
import type { HubSettings } from './settings.ts';
import type { Writers } from './writers.ts';

export interface SiteState {
  readonly site: string;
  readonly expected: number;
  readonly silent: number;
  /** On the clock's `elapsed`; undefined: it is not lost. */
  readonly lostAt: number | undefined;
}

export interface WatchOptions {
  readonly registry: Registry;
  readonly settings: () => HubSettings;
  readonly forget: (host: HostRecord) => void;
  readonly writers: Pick<Writers, 'look' | 'excuse' | 'site'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const EVERY_MS = 1000;
/** A longer pause between two looks was no load: the machine slept, or the process was stopped. ms. */
const FROZEN_MS = 5000;

const EVENTS: Partial<Readonly<Record<Presence, readonly ['up' | 'down' | 'unreachable' | 'stopped', string]>>> = {
  down: ['down', 'is down: the hub hears nothing of it'],
  unreachable: ['unreachable', 'cannot be reached, as most hosts of its site'],
  stopped: ['stopped', 'has stopped, and said so'],
};
const MAY_FORGET: readonly Presence[] = ['pending', 'down', 'stopped'];
/** From these a host comes back. */
const AWAY: readonly Presence[] = ['down', 'unreachable', 'stopped'];

export class Watch {
  readonly #options: WatchOptions;
  readonly #failures: FailureLog;
  #sites = new Map<string, SiteState>();
  #lookedAt: number;
  #cancel: () => void = () => undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.log, options.clock);
    this.#lookedAt = options.clock.elapsed();
  }

  get sites(): readonly SiteState[] {
    const { site } = this.#options.writers;
    return [...this.#sites.values(), ...(site === undefined ? [] : [{ site: 'writers', ...site }])];
  }

  start(): void {
    this.#cancel = this.#options.clock.after(EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  look(): void {
    const { registry, writers, clock } = this.#options;
    const now = clock.elapsed();
    const pause = now - this.#lookedAt;
    this.#lookedAt = now;
    if (pause > FROZEN_MS) {
      registry.excuse(pause - EVERY_MS);
      writers.excuse(pause - EVERY_MS);
      registry.note('frozen', undefined, `The hub stood still for ${formatDuration(Math.round(pause / 1000) * 1000)}`);
    }
    this.#lookAtSites(now);
    for (const host of [...registry.hosts()]) this.#lookAt(host, now);
    writers.look();
    registry.tick();
  }

  #lookAtSites(now: number): void {
    const { registry, settings } = this.#options;
    const { late, site_tag: tag } = settings();
    const counts = new Map<string, { expected: number; silent: number }>();
    for (const host of registry.hosts()) {
      const heard = this.#heard(host);
      if (host.revokedAt !== undefined || !countsForSite(heard, settings())) continue;
      const site = host.tags[tag] ?? '';
      const count = counts.get(site) ?? { expected: 0, silent: 0 };
      counts.set(site, count);
      count.expected += 1;
      if (heard.silentMs >= late) count.silent += 1;
    }
    const before = this.#sites;
    this.#sites = new Map(
      [...counts].map(([site, count]) => {
        const was = before.get(site)?.lostAt;
        const lostAt = isSiteLost(count) ? (was ?? now) : undefined;
        if ((was === undefined) !== (lostAt === undefined)) this.#noteSite(site, count, lostAt !== undefined);
        return [site, { site, ...count, lostAt }];
      }),
    );
  }

  #noteSite(site: string, { expected, silent }: { expected: number; silent: number }, isLost: boolean): void {
    const where = site === '' ? '' : ` in ${site}`;
    const text = isLost
      ? `The hub lost sight of ${silent} of ${expected} hosts${where}`
      : `The hub sees most hosts${where} again`;
    this.#options.registry.note(isLost ? 'site_lost' : 'site_back', undefined, text);
  }

  #lookAt(host: HostRecord, now: number): void {
    const { registry, settings } = this.#options;
    const forgetAfter = host.forgetAfterMs ?? settings().forget;
    if (host.revokedAt !== undefined) {
      // Nobody looks at it, but its key must not become good.
      if (registry.absentMs(host) > forgetAfter) this.#forget(host);
      return;
    }
    const lostAt = this.#sites.get(host.tags[settings().site_tag] ?? '')?.lostAt;
    const next = presenceOf(this.#heard(host), settings(), lostAt === undefined ? undefined : now - lostAt);
    if (next !== host.presence) this.#changed(host, next);
    if (MAY_FORGET.includes(next) && registry.absentMs(host) > forgetAfter) this.#forget(host);
  }

  #forget(host: HostRecord): void {
    try {
      this.#options.forget(host);
      this.#failures.succeeded('The hub forgets hosts');
    } catch (error) {
      // The other hosts must still be looked at.
      this.#failures.failed('The hub cannot forget a host; it tries again', error);
    }
  }

  #changed(host: HostRecord, next: Presence): void {
    const { registry, clock } = this.#options;
    const [before, since] = [host.presence, host.since];
    host.presence = next;
    host.since = clock.now();
    const event = EVENTS[next];
    if (event !== undefined) registry.note(event[0], host, event[1]);
    else if (next === 'up' && AWAY.includes(before)) {
      const away = formatDuration(Math.max(0, Math.round((clock.now() - since) / 1000) * 1000));
      registry.note('up', host, `is back after ${away}`);
    }
  }

  #heard(host: HostRecord): Heard {
    const { isApproved, goodbye, presence } = host;
    return { isApproved, goodbye, presence, silentMs: this.#options.registry.silentMs(host) };
  }
}
