/** Looks at all hosts once a second: who is late, who is down, whether a site is lost, whether the hub itself stood still. */
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { Logger } from '../core/logger.ts';
import { FailureLog } from '../host/failure-log.ts';

import { otherHubs } from './duty.ts';
import { countsForSite, isSiteLost, presenceOf, type Heard, type Presence } from './presence.ts';
import type { Probes } from './probes.ts';
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
  /** No other hub watches its hosts, or this one has reported it already. */
  readonly isReported?: boolean;
}

export interface WatchOptions {
  readonly registry: Registry;
  readonly settings: () => HubSettings;
  readonly forget: (host: HostRecord) => void;
  readonly probes: Pick<Probes, 'look' | 'opinionOf'>;
  readonly writers: Pick<Writers, 'look' | 'excuse' | 'site'>;
  readonly clock: Clock;
  readonly log: Logger;
}

const EVERY_MS = 1000;
/** Between two heartbeats, and two looks. ms. */
const FEWEST_SILENT_MS = 6000;
/** A heartbeat that is under way fails after ten seconds, and the next one comes five later. ms. */
const RETURN_MS = 20_000;
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
  /** When most hosts of a site were heard again. */
  readonly #backAt = new Map<string, number>();
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
    this.#takeOver();
    writers.look();
    registry.tick();
  }

  #lookAtSites(now: number): void {
    const { registry, settings } = this.#options;
    const { late, down, site_tag: tag } = settings();
    // Agents speak every five seconds, so hosts that fall silent together are not late together: the last of them must count
    // before the first is down.
    const silentAfter = Math.max(FEWEST_SILENT_MS, Math.min(late, down - FEWEST_SILENT_MS));
    const counts = new Map<string, { expected: number; silent: number; ours: number }>();
    const isElsewhere = otherHubs(registry.hosts(), settings());
    for (const host of registry.hosts()) {
      const heard = this.#heard(host);
      if (host.revokedAt !== undefined || !countsForSite(heard, settings())) continue;
      const site = host.tags[tag] ?? '';
      const count = counts.get(site) ?? { expected: 0, silent: 0, ours: 0 };
      counts.set(site, count);
      count.expected += 1;
      if (heard.silentMs < silentAfter) continue;
      count.silent += 1;
      if (!isElsewhere(host)) count.ours += 1;
    }
    const before = this.#sites;
    for (const [site, at] of this.#backAt) if (now - at > RETURN_MS) this.#backAt.delete(site);
    this.#sites = new Map(
      [...counts].map(([site, { ours, ...count }]) => {
        const { lostAt: was, isReported: wasReported } = before.get(site) ?? {};
        const lostAt = isSiteLost(count) ? (was ?? now) : undefined;
        if ((was === undefined) !== (lostAt === undefined)) this.#noteSite(site, count, lostAt !== undefined);
        if (was !== undefined && lostAt === undefined) this.#backAt.set(site, now);
        const isReported = lostAt !== undefined && (wasReported === true || ours > 0);
        return [site, { site, ...count, lostAt, isReported }];
      }),
    );
  }

  /** Hosts that are away, and that no other hub watches: this one reports them until they are back. */
  #takeOver(): void {
    const { registry, settings } = this.#options;
    const isElsewhere = otherHubs(registry.hosts(), settings());
    for (const host of registry.hosts()) {
      const isReported = host.before !== undefined && AWAY.includes(host.presence) && !isElsewhere(host);
      if (isReported !== (host.isReported === true)) registry.reports(host, isReported);
    }
  }

  #noteSite(site: string, { expected, silent }: { expected: number; silent: number }, isLost: boolean): void {
    const where = site === '' ? '' : ` in ${site}`;
    const text = isLost
      ? `The hub lost sight of ${silent} of ${expected} hosts${where}`
      : `The hub sees most hosts${where} again`;
    this.#options.registry.note(isLost ? 'site_lost' : 'site_back', undefined, text);
  }

  #lookAt(host: HostRecord, now: number): void {
    const { registry, probes, settings } = this.#options;
    const forgetAfter = host.forgetAfterMs ?? settings().forget;
    if (host.revokedAt !== undefined) {
      // Nobody looks at it, but its key must not become good.
      if (registry.absentMs(host) > forgetAfter) this.#forget(host);
      return;
    }
    const next = presenceOf(this.#heard(host), settings(), this.#doubtMs(host, now));
    if (next !== host.presence) this.#changed(host, next);
    probes.look(host);
    if (MAY_FORGET.includes(next) && registry.absentMs(host) > forgetAfter) this.#forget(host);
  }

  /** How long the hub has doubted its view of the host's site; undefined: it does not. ms. */
  #doubtMs({ tags, presence }: HostRecord, now: number): number | undefined {
    const site = tags[this.#options.settings().site_tag] ?? '';
    const lostAt = this.#sites.get(site)?.lostAt;
    if (lostAt !== undefined) return now - lostAt;
    // Most of its hosts are back: the others are on their way.
    return presence === 'unreachable' && now - (this.#backAt.get(site) ?? -Infinity) < RETURN_MS ? 0 : undefined;
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
    const opinion = next === 'down' ? this.#options.probes.opinionOf(host) : undefined;
    if (event !== undefined) registry.note(event[0], host, [event[1], opinion].filter(Boolean).join(', '));
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
