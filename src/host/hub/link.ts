/**
 * An agent's way to its hub. It signs in when it has something to say, keeps its session as long as the hub does, and says every few
 * seconds that it is there. What fails is tried again by the output that sends, and with the next heartbeat.
 */
import { sign } from 'node:crypto';

import {
  heartbeatAnswer,
  joinAnswer,
  keyAnswer,
  keyOfferText,
  nonceAnswer,
  sessionAnswer,
  signedText,
  type Goodbye,
  type Heartbeat,
  type HostEvidence,
  type InventoryReport,
} from '../../api/hub-protocol.ts';
import { alertsAnswer, type AlertsAnswer, type AlertsMessage } from '../../api/hub-alerts.ts';
import { pause, type Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { printable } from '../../core/printable.ts';
import { retryAfterMs } from '../../plugin/errors.ts';
import { RetryableError, z, type HttpClient, type HubLink, type TlsMaterial } from '../../plugin/index.ts';

import { settledOrAborted } from '../deadline.ts';
import { FailureLog } from '../failure-log.ts';

import type { AlertDesk } from './alert-desk.ts';
import { ClockOffset } from './clock-offset.ts';
import { Courier, type Speak } from './courier.ts';
import { ask, exchange, NotJoinedError, RefusedByHub, type HubAddress } from './exchange.ts';
import { InventoryTeller } from './inventory-teller.ts';
import { newKey, publicHalf, type Membership, type Memberships } from './membership.ts';

export interface LinkOptions {
  /** Alias of the output: the name of the hub here. */
  readonly name: string;
  /** Place of the output among those to hubs. */
  readonly order: () => number;
  readonly memberships: Memberships;
  readonly evidence: () => HostEvidence;
  readonly tags: () => Readonly<Record<string, string>>;
  readonly inventory: () => Promise<InventoryReport | undefined>;
  /** Of the journal. */
  readonly nextLine: () => number;
  /** Lines that wait for this hub. */
  readonly pending: () => number;
  readonly goodbye: () => Promise<Goodbye>;
  /** Undefined: the agent notifies of its alerts by itself. */
  readonly alerts: { readonly desk: AlertDesk; readonly deliverAfterMs: number } | undefined;
  /** Whether the agent stops; otherwise another link may go on. */
  readonly isStopping: () => boolean;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

interface Session extends HubAddress {
  readonly token: string;
  readonly everyMs: number;
  readonly hubId: string | undefined;
}

/** Before the hub has said how often it wants to hear. ms. */
const FIRST_MS = 5000;
/** Of a heartbeat and a sign-in. ms. */
const TIMEOUT_MS = 10_000;
/** At a stop the hub gets so long to hear the goodbye. ms. */
const GOODBYE_MS = 2000;
const HTTP_TOO_MANY = 429;
/** A write has half a minute; what shall wait longer fails, and is tried again. ms. */
const LONGEST_PACE_MS = 15_000;

export class Link implements HubLink {
  readonly #options: LinkOptions;
  readonly #offset: ClockOffset;
  readonly #failures: FailureLog;
  readonly #courier: Courier | undefined;
  readonly #teller: InventoryTeller;
  #membership: Membership | undefined;
  #tls: TlsMaterial | undefined;
  #session: Promise<Session> | undefined;
  #everyMs = FIRST_MS;
  #cancel: () => void = () => undefined;
  #beating: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** A key that the hub has taken. */
  #offered: string | undefined;
  /** Of the hub's last answer. */
  #warnings: readonly string[] = [];

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#offset = new ClockOffset(options.clock);
    this.#failures = new FailureLog(options.log, options.clock);
    const { alerts, clock, random, log } = options;
    const speak: Speak = (work) => this.#signedIn((session) => work((message) => this.#handOver(session, message)));
    const { name, order } = options;
    const why = (fingerprint: string) => this.#askWhy(fingerprint);
    this.#courier = alerts && new Courier({ ...alerts, name, order, speak, why, clock, random, log });
    this.#teller = new InventoryTeller(options);
    // A fleet that starts together does not speak together.
    this.#later(options.random() * FIRST_MS);
  }

  async send(batch: Parameters<HubLink['send']>[0], signal: AbortSignal): Promise<void> {
    const { range, size } = batch;
    const query = range === undefined ? '' : `?from=${range.from}&to=${range.to}&size=${size}`;
    const body = await batch.gzip();
    const headers = { 'content-encoding': 'gzip', 'content-type': 'text/plain; charset=utf-8' };
    const { http, clock } = this.#options;
    for (;;) {
      const waitMs = await this.#inPace(() =>
        this.#signedIn((session) =>
          exchange(http, session, { path: `lines${query}`, token: session.token, headers, body }, signal),
        ),
      );
      if (waitMs === undefined) return;
      await pause(clock, waitMs, signal);
      signal.throwIfAborted();
    }
  }

  /** @returns after how many ms to send again: the hub has had many lines; undefined: it has taken them @throws its other errors */
  async #inPace(send: () => Promise<void>): Promise<number | undefined> {
    try {
      await send();
      return undefined;
    } catch (error) {
      const isPaced = error instanceof RefusedByHub && error.status === HTTP_TOO_MANY;
      const wait = isPaced ? retryAfterMs(error) : undefined;
      if (wait === undefined || wait > LONGEST_PACE_MS) throw error;
      return wait;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    this.#courier?.close();
    if (this.#session === undefined || !(this.#options.isStopping() || (await this.#hasLeft()))) return;
    // A heartbeat that arrives after the goodbye would undo it.
    await settledOrAborted(this.#beating, this.#options.clock.signal(GOODBYE_MS));
    try {
      await this.#speak(await this.#options.goodbye(), GOODBYE_MS);
    } catch {
      // The hub will notice by itself that the agent is gone.
    }
  }

  /** "healthd leave" has deleted the membership. */
  async #hasLeft(): Promise<boolean> {
    const { memberships, name } = this.#options;
    return memberships.read(name).then(
      (kept) => kept === undefined,
      () => false,
    );
  }

  #later(ms: number): void {
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#beating = this.#beat().finally(() => {
        if (!this.#isClosed) this.#later(this.#everyMs);
      });
    });
  }

  async #beat(): Promise<void> {
    try {
      await this.#speak(undefined, TIMEOUT_MS);
      this.#failures.succeeded('The hub hears this host');
      await this.#tellInventory();
    } catch (error) {
      this.#courier?.failed(error);
      if (!this.#isClosed) this.#failures.failed('The hub does not hear this host', error);
    }
  }

  /** The hub can do without it, so a failure is no loss of the hub. */
  async #tellInventory(): Promise<void> {
    const { http, clock, log } = this.#options;
    try {
      await this.#teller.tellIfDue((report) =>
        this.#signedIn((session) => {
          const wish = { path: 'inventory', token: session.token, body: report, schema: z.unknown() };
          return ask(http, session, wish, clock.signal(TIMEOUT_MS));
        }),
      );
    } catch (error) {
      log.debug(`The hub was not told the inventory: ${describeError(error)}`);
    }
  }

  async #speak(goodbye: Goodbye | undefined, timeoutMs: number): Promise<void> {
    const { http, clock, tags, pending, nextLine, evidence, memberships, name } = this.#options;
    const before = await memberships.before(name);
    await this.#signedIn(async (session) => {
      const message: Heartbeat = {
        offsetMs: this.#offset.ms ?? null,
        name: evidence().name,
        tags: tags(),
        // In this order: a line that is made in between is not claimed to be sent.
        nextLine: nextLine(),
        pending: pending(),
        ...(goodbye !== undefined && { goodbye }),
        ...(before.length > 0 && { before: [...before] }),
      };
      const sent = this.#offset.begin();
      const wish = { path: 'heartbeat', token: session.token, body: message, schema: heartbeatAnswer };
      const { now, warnings = [], alerts, rotate } = await ask(http, session, wish, clock.signal(timeoutMs));
      sent.answered(now);
      this.#heed(warnings);
      if (alerts !== undefined) this.#courier?.heard(alerts);
      if (rotate === true && goodbye === undefined) await this.#rotate(session);
    });
  }

  #handOver(session: Session, message: AlertsMessage): Promise<AlertsAnswer> {
    const { http, clock } = this.#options;
    const wish = { path: 'alerts', token: session.token, body: message, schema: alertsAnswer };
    return ask(http, session, wish, clock.signal(TIMEOUT_MS));
  }

  async #askWhy(fingerprint: string): Promise<unknown> {
    const { http, clock } = this.#options;
    let answer: unknown;
    await this.#signedIn(async (session) => {
      const wish = { path: 'why', token: session.token, body: { fingerprint }, schema: z.unknown() };
      answer = await ask(http, session, wish, clock.signal(TIMEOUT_MS));
    });
    return answer;
  }

  /** Each is logged when it comes, not with each heartbeat. */
  #heed(warnings: readonly string[]): void {
    for (const text of warnings)
      if (!this.#warnings.includes(text)) this.#options.log.warn(`The hub says: ${printable(text)}`);
    this.#warnings = warnings;
  }

  /** Signs in once more if the hub does not know the session, as after its restart. */
  async #signedIn(work: (session: Session) => Promise<unknown>): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      this.#session ??= this.#signIn();
      const session = this.#session;
      try {
        await work(await session);
        return;
      } catch (error) {
        const isOver = error instanceof RefusedByHub && error.code !== undefined;
        if ((isOver || (await failed(session))) && this.#session === session) this.#session = undefined;
        if (!(error instanceof RefusedByHub && error.code === 'session' && isFirst)) throw error;
      }
    }
  }

  async #signIn(): Promise<Session> {
    const { memberships, name, http, clock } = this.#options;
    const known = (await memberships.read(name)) ?? this.#membership;
    if (known === undefined) throw new NotJoinedError();
    this.#use(known);
    const signal = clock.signal(TIMEOUT_MS);
    try {
      return await this.#openWithAKey(known, signal);
    } catch (error) {
      if (!(error instanceof RefusedByHub && error.code === 'clone' && error.token !== undefined)) throw error;
      const own = await joinHub(
        http,
        { ...known, tls: this.#tls, token: error.token },
        this.#options.evidence(),
        signal,
      );
      const membership = { ...known, id: own.id, key: own.key, nextKey: undefined, formerKey: undefined };
      await memberships.write(name, membership);
      this.#options.log.warn('Another process has the identity of this host; it goes on as a host of its own', {
        id: own.id,
      });
      return this.#openSession(membership, signal);
    }
  }

  /** The hub may know another key than the last that this host has used: either was stopped while they changed it, or restored. */
  async #openWithAKey(known: Membership, signal: AbortSignal): Promise<Session> {
    const { key, nextKey, formerKey } = known;
    const keys = this.#offered !== undefined && this.#offered === nextKey ? [nextKey, key] : [key, nextKey];
    const candidates = [...keys, formerKey].filter((each) => each !== undefined);
    for (const [index, candidate] of candidates.entries())
      try {
        const session = await this.#openSession({ ...known, key: candidate }, signal);
        const next = { ...known, hubId: session.hubId ?? known.hubId };
        if (candidate !== key) await this.#keep({ ...next, key: candidate, ...othersOf(known, candidate) });
        else if (next.hubId !== known.hubId) await this.#keep(next);
        return session;
      } catch (error) {
        const isOther = error instanceof RefusedByHub && error.code === 'unknown';
        if (!isOther || index === candidates.length - 1) throw error;
      }
    throw new RetryableError('This host has no key for its hub; run "healthd join" again');
  }

  /** Offers a key that is on disk already, so that whatever stops in between, this host has each key that the hub may know. */
  async #rotate(session: Session): Promise<void> {
    const { http, clock, memberships, name, log } = this.#options;
    const known = this.#membership;
    const kept = await memberships.read(name);
    // "healthd join" may have replaced it meanwhile.
    if (known === undefined || kept?.id !== known.id || kept.key !== known.key) return;
    const nextKey = kept.nextKey ?? newKey().privateKey;
    if (kept.nextKey === undefined) await memberships.write(name, { ...kept, nextKey });
    const key = publicHalf(nextKey);
    const signature = sign(null, keyOfferText(kept.id, key), kept.key).toString('base64url');
    const wish = { path: 'key', token: session.token, body: { key, signature }, schema: keyAnswer };
    await ask(http, session, wish, clock.signal(TIMEOUT_MS));
    this.#offered = nextKey;
    // The next sign-in uses it, and ends the old one.
    this.#session = undefined;
    log.info('The hub has a new key of this host');
  }

  /** What cannot be written is found out again at the next start. */
  async #keep(membership: Membership): Promise<void> {
    this.#use(membership);
    try {
      await this.#options.memberships.write(this.#options.name, membership);
    } catch (error) {
      this.#options.log.warn(`What was learned of the hub cannot be kept yet: ${describeError(error)}`);
    }
  }

  async #openSession({ hub, id, key }: Membership, signal: AbortSignal): Promise<Session> {
    const { http, evidence, nextLine } = this.#options;
    const address = { hub, tls: this.#tls };
    const { nonce } = await ask(http, address, { path: 'nonce', body: { id }, schema: nonceAnswer }, signal);
    const host = evidence();
    const signature = sign(null, signedText(id, nonce, host.start), key).toString('base64url');
    const body = { id, nonce, signature, nextLine: nextLine(), host };
    const {
      token,
      everyMs,
      hub: hubId,
    } = await ask(http, address, { path: 'session', body, schema: sessionAnswer }, signal);
    this.#everyMs = everyMs;
    this.#courier?.began(id, new URL(hub).host);
    this.#teller.forget();
    return { ...address, token, everyMs, hubId };
  }

  #use(membership: Membership): void {
    const trusted = membership.trusted?.certificate;
    if (trusted !== this.#membership?.trusted?.certificate || this.#membership === undefined)
      this.#tls = tlsOf(membership);
    this.#membership = membership;
  }
}

/** The key that was used stays beside the one that is used now. */
function othersOf({ key, nextKey }: Membership, used: string): Pick<Membership, 'nextKey' | 'formerKey'> {
  if (used === nextKey) return { nextKey: undefined, formerKey: key };
  // The hub knows only the one before: it was restored. The newer one is offered again.
  return { nextKey: key, formerKey: undefined };
}

async function failed(session: Promise<unknown>): Promise<boolean> {
  return session.then(
    () => false,
    () => true,
  );
}

/** Trusts the one certificate that the join address has named. */
export function tlsOf({ trusted }: Pick<Membership, 'trusted'>): TlsMaterial | undefined {
  if (trusted === undefined) return undefined;
  return { ca: Buffer.from(trusted.certificate), servername: trusted.name, rejectUnauthorized: true };
}

/** What a host knows after it has joined. */
export interface Joined {
  /** Of the host at the hub. */
  readonly id: string;
  /** Its new private key, PEM. */
  readonly key: string;
  readonly isApproved: boolean;
  /** Of the hub; undefined for one of an earlier version. */
  readonly hubId: string | undefined;
}

/** A host joins, with a new key. */
export async function joinHub(
  http: HttpClient,
  { token, ...address }: HubAddress & { readonly token: string },
  host: HostEvidence,
  signal: AbortSignal,
): Promise<Joined> {
  const { privateKey, publicKey } = newKey();
  const body = { key: publicKey, host };
  const { hub: hubId, ...answer } = await ask(http, address, { path: 'join', token, body, schema: joinAnswer }, signal);
  return { ...answer, hubId, key: privateKey };
}
