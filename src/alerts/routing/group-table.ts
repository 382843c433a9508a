/** All groups, in memory and, as far as somebody was told something, in the store. */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Tags } from '../../metric/metric.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { Group, readGroup } from './group.ts';
import { groupKeyOf } from './match-routes.ts';
import type { Route, Routing } from './routing.ts';

export interface GroupTableOptions {
  readonly store: AlertStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** More groups than this are for nobody to read; what comes then shares one group for each route and receiver. */
const MOST_GROUPS = 1000;
const OVERFLOW = '...overflow';

export class GroupTable {
  readonly #options: GroupTableOptions;
  readonly #table: Collection;
  readonly #groups = new Map<string, Group>();
  #hasOverflown = false;

  constructor(options: GroupTableOptions, routing: Routing) {
    this.#options = options;
    this.#table = options.store.collection('groups');
    for (const [key, value] of this.#table.entries()) this.#restore(key, value, routing);
  }

  /** A copy, so that groups can come and go meanwhile. */
  all(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /** Those that have the alert, or have told of it. */
  of(fingerprint: string): readonly Group[] {
    return this.all().filter(({ members, told }) => members.has(fingerprint) || told.has(fingerprint));
  }

  at(receiver: string, route: Route, tags: Tags): Group {
    return this.#find(new Group(receiver, route, groupKeyOf(route.id, tags), tags));
  }

  /** The group that a receiver is told of the same alerts in. */
  beside({ route, groupKey, tags }: Group, receiver: string): Group {
    return this.#find(new Group(receiver, route, groupKey, tags));
  }

  save(group: Group): void {
    if (group.told.size === 0) this.#table.delete(group.key);
    else this.#table.put(group.key, group.toStored());
  }

  forgetIfEmpty(group: Group): void {
    if (group.isEmpty) this.#groups.delete(group.key);
  }

  /** Routes may be others now; a receiver that is gone can be told nothing more. */
  rebind(routing: Routing): void {
    for (const group of this.all()) this.#rebind(group, routing);
  }

  #find(wanted: Group): Group {
    const known = this.#groups.get(wanted.key);
    if (known !== undefined) return known;
    const group = this.#groups.size < MOST_GROUPS ? wanted : this.#overflow(wanted);
    this.#groups.set(group.key, group);
    return group;
  }

  #overflow({ receiver, route }: Group): Group {
    if (!this.#hasOverflown) {
      const hint = 'fewer labels in group_by make fewer groups';
      this.#options.log.warn(`There are ${MOST_GROUPS} groups of alerts; further alerts are told together (${hint})`);
    }
    this.#hasOverflown = true;
    const group = new Group(receiver, route, `${route.id}:{${OVERFLOW}}`, {});
    return this.#groups.get(group.key) ?? group;
  }

  #restore(key: string, value: unknown, routing: Routing): void {
    const stored = readGroup(value);
    if (stored === undefined) {
      this.#table.delete(key);
      return;
    }
    const route = routing.routes.get(stored.routeId) ?? routing.root;
    const group = new Group(stored.receiver, route, stored.groupKey, stored.tags);
    group.take(stored);
    this.#groups.set(group.key, group);
    this.#rebind(group, routing);
  }

  #rebind(group: Group, routing: Routing): void {
    group.route = routing.routes.get(group.route.id) ?? routing.root;
    if (routing.receivers.has(group.receiver)) return;
    const { store, clock } = this.#options;
    store.transaction(() => {
      for (const fingerprint of group.told.keys()) {
        const entry = { at: clock.now(), kind: 'suppressed', reason: 'receiver_removed' } as const;
        store.audit({ ...entry, fingerprint, receiver: group.receiver });
      }
      this.#table.delete(group.key);
    });
    this.#groups.delete(group.key);
  }
}
