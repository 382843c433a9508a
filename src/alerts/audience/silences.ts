/** Silences of the configuration and of people, and acknowledgements. Kept in the store; those that have ended for a while. */
import { randomUUID } from 'node:crypto';

import { MOST_SILENCES as MOST_FOR_HOST, type HubSilence } from '../../api/hub-alerts.ts';
import type { Clock } from '../../core/clock.ts';
import type { Tags } from '../../metric/metric.ts';
import { z } from '../../plugin/index.ts';
import { RefusedRequest, type ListedSilence, type SilenceRequest } from '../control.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { LONGEST_MS, refuseFarFuture } from './horizon.ts';
import { compileMatch, type Matcher } from './matchers.ts';
import type { ConfiguredSilence } from './routing.ts';

/** How long one that has ended is still listed. */
const KEPT_MS = 5 * 86_400_000;
const MOST_SILENCES = 1000;

const stored = z.object({
  match: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  from: z.number(),
  until: z.number(),
  comment: z.string(),
  by: z.string(),
  /** Of this host at the hub, for silences of a hub. */
  tags: z.record(z.string(), z.string()).optional(),
  /** Name of the hub; absent in those of earlier versions. */
  hub: z.string().optional(),
});

/** How ids of silences begin that were made at the hub. */
const HUB = 'hub-';
/** Of a hub of an earlier version. */
const UNNAMED = '';

interface HubSilences {
  readonly silences: ReadonlyMap<string, Silence>;
  /** Which they may name beside labels. */
  readonly tags: Tags;
}

interface Silence {
  readonly request: SilenceRequest & { readonly from: number };
  readonly matches: Matcher;
}

export class Silences {
  readonly #clock: Clock;
  readonly #store: AlertStore;
  readonly #table: Collection;
  readonly #silences = new Map<string, Silence>();
  /** Made at hubs, by the names of these. */
  readonly #ofHubs = new Map<string, HubSilences>();
  #configured: readonly ConfiguredSilence[] = [];

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#store = store;
    this.#table = store.collection('silences');
    for (const [id, value] of this.#table.entries()) {
      const parsed = stored.safeParse(value);
      if (!parsed.success) {
        this.#table.delete(id);
        continue;
      }
      const silence = { request: parsed.data, matches: compileMatch(parsed.data.match) };
      if (!id.startsWith(HUB)) this.#silences.set(id, silence);
      else this.#addOfHub(id, silence, parsed.data);
    }
  }

  configure(silences: readonly ConfiguredSilence[]): void {
    this.#configured = silences;
  }

  get isEmpty(): boolean {
    return this.#silences.size + this.#ofHubs.size + this.#configured.length === 0;
  }

  /** Who silenced an alert with these labels; undefined if nobody has. */
  find(labels: Tags, now: number): string | undefined {
    return this.findBut(undefined, labels, now);
  }

  /** The same without silences of one hub, which knows them. */
  findBut(hub: string | undefined, labels: Tags, now: number): string | undefined {
    const here = this.#findHere(labels, now);
    if (here !== undefined) return here;
    for (const [name, { silences, tags }] of this.#ofHubs) {
      if (name === hub) continue;
      const all = { ...tags, ...labels };
      for (const [id, { request, matches }] of silences)
        if (request.from <= now && now < request.until && matches(all)) return `${id} by ${request.by}`;
    }
    return undefined;
  }

  /** What the hub sends to an agent. @param host name of the host; silences of other hosts are left out */
  forHost(host: string): readonly HubSilence[] {
    const now = this.#clock.now();
    const all = this.list().filter(({ state, match }) => state !== 'expired' && concerns(match, host));
    // Those that begin last are left out first.
    const first = all.sort((a, b) => startOf(a, now) - startOf(b, now) || b.until - a.until);
    return first.slice(0, MOST_FOR_HOST).map(({ id, match, from = now, until, comment, by }) => ({
      id,
      match: Object.fromEntries(Object.entries(match).map(([label, value]) => [label, copied(value)])),
      fromMs: from - now,
      leftMs: until - now,
      comment,
      by,
    }));
  }

  /** Replaces those of one hub. */
  setOfHub(hub: string, silences: readonly HubSilence[], tags: Tags): void {
    const now = this.#clock.now();
    this.#store.transaction(() => {
      // Of an earlier version, which knew one hub.
      for (const name of [hub, UNNAMED]) {
        for (const id of this.#ofHubs.get(name)?.silences.keys() ?? []) this.#table.delete(id);
        this.#ofHubs.delete(name);
      }
      for (const { id, match, fromMs, leftMs, comment, by } of silences) {
        const matches = matcherIfAny(match);
        if (matches === undefined) continue;
        const request = { match, from: now + fromMs, until: now + Math.min(leftMs, LONGEST_MS), comment, by };
        this.#addOfHub(HUB + id, { request, matches }, { hub, tags });
        this.#table.put(HUB + id, { ...request, tags, hub });
      }
    });
  }

  #addOfHub(
    id: string,
    silence: Silence,
    { hub = UNNAMED, tags = {} }: { hub?: string | undefined; tags?: Tags | undefined },
  ): void {
    const known = this.#ofHubs.get(hub)?.silences ?? [];
    this.#ofHubs.set(hub, { silences: new Map([...known, [id, silence]]), tags });
  }

  #findHere(labels: Tags, now: number): string | undefined {
    for (const [id, { request, matches }] of this.#silences) {
      if (request.from <= now && now < request.until && matches(labels)) return `${id} by ${request.by}`;
    }
    const configured = this.#configured.find(
      ({ from = -Infinity, until, matches }) => from <= now && now < until && matches(labels),
    );
    return configured === undefined ? undefined : `the configuration by ${configured.by}`;
  }

  list(): readonly ListedSilence[] {
    const now = this.#clock.now();
    const made = [...this.#silences].map(([id, { request }]) => listed(id, request, now));
    const configured = this.#configured.map(({ match, from, until, comment, by }, index) => ({
      ...listed(`config-${index + 1}`, { match, from: from ?? 0, until, comment, by }, now),
      isConfigured: true,
    }));
    const all = [...this.#ofHubs.values()].flatMap(({ silences }) => [...silences]);
    const ofHub = all.map(([id, { request }]) => ({ ...listed(id, request, now), isOfHub: true }));
    return [...made, ...configured, ...ofHub];
  }

  /** @throws RefusedRequest */
  add(request: SilenceRequest): ListedSilence {
    const now = this.#clock.now();
    const from = request.from ?? now;
    if (Object.keys(request.match).length === 0)
      throw new RefusedRequest('A silence of everything is refused; name a label');
    if (request.until <= Math.max(now, from)) throw new RefusedRequest('The silence would end before it begins');
    refuseFarFuture(request.until, now);
    if (this.#silences.size >= MOST_SILENCES)
      throw new RefusedRequest(`There are ${MOST_SILENCES} silences; expire some`);
    const matches = matcherOf(request.match);
    const id = randomUUID().slice(0, 8);
    const silence = { request: { ...request, from }, matches };
    this.#save(id, silence, 'made', request.by);
    return listed(id, silence.request, now);
  }

  /** @throws RefusedRequest */
  expire(id: string, by: string): ListedSilence {
    const now = this.#clock.now();
    const silence = this.#silences.get(id);
    if (silence === undefined) {
      const hint = [...this.#ofHubs.values()].some(({ silences }) => silences.has(id))
        ? 'that one was made at the hub; expire it there'
        : id.startsWith('config-')
          ? 'that one stands in the configuration'
          : '"healthd silence list" shows them';
      throw new RefusedRequest(`There is no silence ${id}; ${hint}`);
    }
    if (silence.request.until <= now) throw new RefusedRequest(`The silence ${id} has ended already`);
    const ended = { ...silence, request: { ...silence.request, until: now } };
    this.#save(id, ended, 'expired', by);
    return listed(id, ended.request, now);
  }

  /** Forgets those that ended long ago. */
  tidy(now: number): void {
    for (const [id, { request }] of this.#silences) {
      if (now - request.until < KEPT_MS) continue;
      this.#silences.delete(id);
      this.#table.delete(id);
    }
  }

  #save(id: string, silence: Silence, reason: string, by: string): void {
    this.#store.transaction(() => {
      this.#table.put(id, silence.request);
      this.#store.audit({ at: this.#clock.now(), kind: 'silence', reason, by, detail: { id, ...silence.request } });
    });
    this.#silences.set(id, silence);
  }
}

/** All that have begun are equal. */
function startOf({ from = 0 }: ListedSilence, now: number): number {
  return Math.max(from, now);
}

/** Other patterns than these may be about any host. */
function concerns({ host }: SilenceRequest['match'], name: string): boolean {
  return host === undefined || compileMatch({ host })({ host: name });
}

function copied(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value];
}

/** A hub of a later version may know more patterns. */
function matcherIfAny(match: SilenceRequest['match']): Matcher | undefined {
  try {
    return compileMatch(match);
  } catch {
    return undefined;
  }
}

function matcherOf(match: SilenceRequest['match']): Matcher {
  try {
    return compileMatch(match);
  } catch (error) {
    throw new RefusedRequest((error as Error).message);
  }
}

function listed(id: string, request: SilenceRequest & { readonly from: number }, now: number): ListedSilence {
  const state = now < request.from ? 'pending' : now < request.until ? 'active' : 'expired';
  return { ...request, id, state, isConfigured: false };
}
