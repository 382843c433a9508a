/** Silences of the configuration and of people, and acknowledgements. Kept in the store; those that have ended for a while. */
import { randomUUID } from 'node:crypto';

import type { Clock } from '../../core/clock.ts';
import type { Tags } from '../../metric/metric.ts';
import { z } from '../../plugin/index.ts';
import { RefusedRequest, type ListedSilence, type SilenceRequest } from '../control.ts';
import type { AlertStore, Collection } from '../store/store.ts';

import { refuseFarFuture } from './horizon.ts';
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
});

interface Silence {
  readonly request: SilenceRequest & { readonly from: number };
  readonly matches: Matcher;
}

export class Silences {
  readonly #clock: Clock;
  readonly #store: AlertStore;
  readonly #table: Collection;
  readonly #silences = new Map<string, Silence>();
  #configured: readonly ConfiguredSilence[] = [];

  constructor(store: AlertStore, clock: Clock) {
    this.#clock = clock;
    this.#store = store;
    this.#table = store.collection('silences');
    for (const [id, value] of this.#table.entries()) {
      const parsed = stored.safeParse(value);
      if (parsed.success) this.#silences.set(id, { request: parsed.data, matches: compileMatch(parsed.data.match) });
      else this.#table.delete(id);
    }
  }

  configure(silences: readonly ConfiguredSilence[]): void {
    this.#configured = silences;
  }

  get isEmpty(): boolean {
    return this.#silences.size + this.#configured.length === 0;
  }

  /** Who silenced an alert with these labels; undefined if nobody has. */
  find(labels: Tags, now: number): string | undefined {
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
    return [...made, ...configured];
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
      const hint = id.startsWith('config-')
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
