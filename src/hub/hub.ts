/** The hub: who its hosts are, whether they are there, and what has come from them. */
import {
  PROTOCOL,
  signedText,
  type Heartbeat,
  type HostEvidence,
  type JoinAnswer,
  type JoinRequest,
  type KeyOffer,
  type SessionAnswer,
  type SessionRequest,
} from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { Tags } from '../metric/metric.ts';

import { checkKey, checkToken, evidenceOf, makeToken, newHost, predecessorOf, type TokenWish } from './enrolment.ts';
import { adopted, offered, signerOf } from './keys.ts';
import { beginAgain, giveUp, receive, type Run } from './positions.ts';
import type { HostRecord, TokenRecord } from './records.ts';
import { CloneRefusal, HubRefusal } from './refusal.ts';
import type { Registry } from './registry.ts';
import { hashOf, randomToken } from './secrets.ts';
import { Sessions } from './sessions.ts';
import type { HubSettings } from './settings.ts';

export interface HubOptions {
  readonly registry: Registry;
  readonly settings: () => HubSettings;
  readonly clock: Clock;
}

/** How often agents say that they are there. ms. */
const HEARTBEAT_MS = 5000;
const MOST_FORMER = 16;
const MOST_LABELS = 50;
/** A clone joins with a token of its own within this time. ms. */
const CLONE_TOKEN_MS = 600_000;
/** Of one host: each is a write to the disk. ms. */
const CLONE_TOKEN_EVERY_MS = 1000;
const MOST_HOSTS = 5000;
const MOST_CLONES = 1000;
const SECOND = 1000;

interface CloneToken {
  readonly token: string;
  readonly hash: string;
  /** On the clock's `elapsed`. */
  readonly madeAt: number;
}

export class Hub {
  readonly #registry: Registry;
  readonly #settings: () => HubSettings;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  /** Host and start of processes that were found to be clones. */
  readonly #clones = new Set<string>();
  /** The newest token for a clone of each host, so that asking again costs no write. */
  readonly #cloneTokens = new Map<string, CloneToken>();

  constructor({ registry, settings, clock }: HubOptions) {
    this.#registry = registry;
    this.#settings = settings;
    this.#clock = clock;
    this.#sessions = new Sessions(clock);
  }

  /** @throws HubRefusal */
  join(token: string, request: JoinRequest): JoinAnswer {
    const now = this.#clock.now();
    const registry = this.#registry;
    checkVersion(request.host);
    if (request.host.hub === registry.hubId) throw new HubRefusal('self', 'A hub cannot join itself');
    checkKey(request.key);
    if (registry.isRevokedKey(request.key)) throw revoked();
    const record = registry.token(hashOf(token));
    const before = predecessorOf(request, registry.hosts());
    // Its answer was lost: the token counts once. A public key is no proof, so nothing about the host changes.
    if (before?.key === request.key && record !== undefined)
      return { id: before.id, isApproved: before.isApproved, hub: registry.hubId };
    const checked = checkToken(record, now);
    const isApproved = this.#settings().approve === 'auto' && !this.#isCopied(checked.cloneOf);
    if (before === undefined && registry.size >= MOST_HOSTS)
      throw new HubRefusal('token_used', `The hub has ${MOST_HOSTS} hosts already; forget some of them`);
    const next =
      before === undefined
        ? newHost(request, checked, isApproved, now)
        : takenOver(before, { ...request, isApproved }, checked, now);
    const host = registry.joined(next, { ...checked, used: checked.used + 1 });
    if (checked.cloneOf !== undefined)
      registry.note('cloned', host, `is a clone of ${registry.nameOf(checked.cloneOf)}`);
    return { id: host.id, isApproved, hub: registry.hubId };
  }

  /** Also for hosts that do not exist, so that a stranger learns nothing. */
  nonce(id: string): string {
    // Strangers cannot push out what members have been given.
    return this.#registry.host(id) === undefined ? randomToken() : this.#sessions.nonce(id);
  }

  /** @throws HubRefusal */
  openSession({ id, nonce, signature, nextLine, host: evidence }: SessionRequest): SessionAnswer {
    checkVersion(evidence);
    if (evidence.hub === this.#registry.hubId)
      throw new HubRefusal('self', 'This hub has joined itself; run "healthd leave" on it');
    const host = this.#registry.host(id);
    const isNonce = this.#sessions.redeem(nonce, id);
    if (host === undefined && this.#registry.wasRevoked(id)) throw revoked();
    if (host === undefined) throw new HubRefusal('unknown', `The hub does not know this host; ${JOIN_AGAIN}`);
    const signer = isNonce ? signerOf(host, signedText(id, nonce, evidence.start), signature) : undefined;
    if (signer === 'former') this.#refuseOldKey(host);
    if (signer === undefined)
      throw new HubRefusal('unknown', `The key of this host is not the one that joined; ${JOIN_AGAIN}`);
    // So that one that waits is not down at the moment of its approval.
    if (host.revokedAt === undefined && !host.isApproved) this.#registry.heard(host);
    checkMember(host);
    if (signer === 'next') this.#adoptKey(host);
    this.#tellClones(host, evidence);
    this.#started(host, evidence);
    if (nextLine < host.account.to) beginAgain(host.account);
    this.#registry.heard(host);
    return { token: this.#sessions.open(id, evidence.start), everyMs: HEARTBEAT_MS, hub: this.#registry.hubId };
  }

  /** @throws HubRefusal for a token that is not valid any more */
  hostOf(token: string): HostRecord {
    const session = this.#sessions.find(token);
    const host = session === undefined ? undefined : this.#registry.host(session.host);
    if (host === undefined || host.start !== session?.start) throw new HubRefusal('session', 'Sign in again');
    return host;
  }

  heartbeat(host: HostRecord, message: Heartbeat): void {
    const registry = this.#registry;
    const { name, tags, pending, nextLine, offsetMs, goodbye, before } = message;
    if (name !== host.name) registry.renamed(host, name);
    host.tags = { ...tags, ...host.granted };
    host.pending = pending;
    host.before = before;
    host.offsetMs = offsetMs ?? undefined;
    if (pending === 0) this.#giveUp(host, nextLine);
    registry.heard(host);
    if (goodbye !== undefined) registry.leaves(host, goodbye);
  }

  /** Lines of a run are in the journal. Resolves when the account of them is on disk. @throws the error of SQLite */
  received(host: HostRecord, run: Run): Promise<void> {
    receive(host.account, run, this.#clock.now());
    return this.#registry.saved(host);
  }

  createToken(wish: TokenWish): { readonly token: string; readonly record: TokenRecord } {
    const made = makeToken(wish, this.#clock.now());
    this.#registry.addToken(made.record);
    return made;
  }

  approve(host: HostRecord): void {
    host.isVouched = true;
    if (host.isApproved) return;
    host.isApproved = true;
    host.presence = 'late';
    this.#registry.note('approved', host, 'was approved');
  }

  /**
   * From now on the hub refuses it. A thief may have become a clone of it before, with a key of its own: so clones that nobody has
   * approved wait for approval, and those that come later too.
   *
   * @returns those that wait
   */
  revoke(host: HostRecord): readonly HostRecord[] {
    const registry = this.#registry;
    host.revokedAt = this.#clock.now();
    host.since = host.revokedAt;
    // It is forgotten so long after this.
    this.#registry.renew(host);
    this.#sessions.end(host.id);
    registry.note('revoked', host, 'was revoked');
    registry.endTokensFor(host);
    const original = host.clonedFrom === undefined ? undefined : registry.host(host.clonedFrom);
    if (original !== undefined) original.isCopied = true;
    const suspended = clonesOf(host, [...registry.hosts()]).filter(
      ({ isVouched, isApproved, revokedAt }) => isVouched !== true && isApproved && revokedAt === undefined,
    );
    for (const clone of suspended) this.#suspend(clone, host);
    return suspended;
  }

  /** It is asked for a new key with its next heartbeat. */
  rotate(host: HostRecord): void {
    host.isKeyWanted = true;
    this.#registry.note('key_wanted', host, 'is asked for a new key');
  }

  /** On disk when it returns. @throws HubRefusal, or the error of SQLite; then nothing has changed */
  offerKey(host: HostRecord, offer: KeyOffer): void {
    this.#registry.change(host, (next) => {
      offered(next, offer);
    });
  }

  /** The old one is worth nothing once this is on disk. @throws the error of SQLite; then both are good */
  #adoptKey(host: HostRecord): void {
    const adopt = (next: HostRecord) => {
      adopted(next, this.#clock.now());
    };
    this.#registry.change(host, adopt, { kind: 'key_changed', text: 'has a new key' });
  }

  /** @throws HubRefusal */
  #refuseOldKey(host: HostRecord): never {
    this.#registry.note(
      'old_key',
      host,
      'has a new key, but somebody signs in with the old one, from a copy of its hub.json',
    );
    throw new HubRefusal(
      'unknown',
      `The key of this host was replaced by one that is in another copy of hub.json; ${JOIN_AGAIN}`,
    );
  }

  rename(host: HostRecord, title: string): void {
    host.title = title === '' ? undefined : title;
    this.#registry.note('renamed', host, title === '' ? 'is called by its own name again' : `is called ${title} now`);
  }

  /** @throws RangeError */
  label(host: HostRecord, labels: Tags): void {
    const all = { ...host.granted, ...labels };
    const granted = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    if (Object.keys(granted).length > MOST_LABELS) throw new RangeError(`A host has at most ${MOST_LABELS} labels`);
    const own = Object.entries(host.tags).filter(([key]) => !Object.hasOwn(all, key));
    host.granted = granted;
    host.tags = { ...Object.fromEntries(own), ...granted };
    const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    this.#registry.note('labelled', host, `got the labels ${text.join(', ')}`);
  }

  /** @param isLasting whether one that was revoked is refused for ever */
  forget(host: HostRecord, isLasting = false): void {
    this.#registry.endTokensFor(host);
    this.#sessions.end(host.id);
    this.#registry.forget(host, isLasting);
  }

  #isCopied(id: string | undefined): boolean {
    const original = id === undefined ? undefined : this.#registry.host(id);
    return id !== undefined && (original?.isCopied ?? original === undefined);
  }

  #suspend(host: HostRecord, revoked: HostRecord): void {
    host.isApproved = false;
    host.presence = 'pending';
    host.since = this.#clock.now();
    this.#sessions.end(host.id);
    this.#registry.endTokensFor(host);
    this.#registry.note('suspended', host, `waits for approval: it is a clone of ${revoked.name}, which was revoked`);
  }

  #giveUp(host: HostRecord, nextLine: number | undefined): void {
    const lost = giveUp(host.account, this.#clock.now(), nextLine);
    if (lost > 0) this.#registry.note('lines_lost', host, `has lost ${lost} lines before it could send them`);
  }

  /** A process that was replaced by another one never comes back, unless both run: then the younger is a clone. */
  #tellClones(
    { id, granted: tags, start: current, formerStarts, forgetAfterMs, account }: HostRecord,
    { start }: HostEvidence,
  ): void {
    const isKnown = this.#clones.has(`${id} ${start}`);
    // One that is known as a clone says nothing about the other.
    if (!isKnown && current !== start && formerStarts.includes(start)) {
      this.#clones.add(`${id} ${current}`);
      // The numbers of the clone are those of another journal.
      beginAgain(account);
    }
    const [oldest] = this.#clones;
    if (this.#clones.size > MOST_CLONES && oldest !== undefined) this.#clones.delete(oldest);
    if (!this.#clones.has(`${id} ${start}`)) return;
    throw new CloneRefusal(this.#cloneToken(id, { tags, forgetAfterMs }));
  }

  /** @returns undefined if one was made a moment ago and used already: the clone asks again */
  #cloneToken(id: string, granted: Pick<TokenWish, 'tags' | 'forgetAfterMs'>): string | undefined {
    const now = this.#clock.elapsed();
    const known = this.#cloneTokens.get(id);
    const record = known && this.#registry.token(known.hash);
    if (known !== undefined) {
      const age = now - known.madeAt;
      if (record?.used === 0 && age < CLONE_TOKEN_MS / 2) return known.token;
      if (age < CLONE_TOKEN_EVERY_MS) return undefined;
    }
    const wish = { ...granted, uses: 1, expiresMs: CLONE_TOKEN_MS, cloneOf: id };
    const made = this.createToken(wish);
    this.#cloneTokens.delete(id);
    this.#cloneTokens.set(id, { token: made.token, hash: made.record.hash, madeAt: now });
    const [oldest] = this.#cloneTokens.keys();
    if (this.#cloneTokens.size > MOST_CLONES && oldest !== undefined) this.#cloneTokens.delete(oldest);
    return made.token;
  }

  #started(host: HostRecord, evidence: HostEvidence): void {
    const now = this.#clock.now();
    if (host.start !== evidence.start)
      host.formerStarts = [...host.formerStarts, host.start]
        .filter((each) => each !== evidence.start)
        .slice(-MOST_FORMER);
    if (host.boot !== evidence.boot) {
      const away = formatDuration(Math.max(0, Math.round((now - host.heardAt) / SECOND) * SECOND));
      this.#registry.note('rebooted', host, `was rebooted; the hub heard nothing of it for ${away}`);
    }
    if (host.name !== evidence.name) this.#registry.renamed(host, evidence.name);
    Object.assign(host, evidenceOf(evidence, now), { name: host.name });
  }
}

/** And clones of clones. */
function clonesOf(
  { id }: HostRecord,
  hosts: readonly HostRecord[],
  seen: readonly string[] = [],
): readonly HostRecord[] {
  if (seen.includes(id)) return [];
  const own = hosts.filter(({ clonedFrom }) => clonedFrom === id);
  return own.flatMap((clone) => [clone, ...clonesOf(clone, hosts, [...seen, id])]);
}

function revoked(): HubRefusal {
  return new HubRefusal('revoked', `The hub has revoked this host; ${JOIN_AGAIN}`);
}

const JOIN_AGAIN = 'make a token with "healthd hub token create" on the hub, and "healthd join" again';

/** @throws HubRefusal */
export function checkMember({ name, revokedAt, isApproved }: HostRecord): void {
  if (revokedAt !== undefined) throw revoked();
  if (!isApproved) throw new HubRefusal('pending', `Wait for approval: "healthd hub approve ${name}" on the hub`);
}

/** @throws HubRefusal */
function checkVersion({ protocol, version }: HostEvidence): void {
  if (protocol > PROTOCOL)
    throw new HubRefusal('version', `The agent (${version}) is newer than the hub; upgrade the hub first`);
}

/** The host goes on under a new key, with which nobody has approved it yet, and with what its new token grants. */
function takenOver(
  host: HostRecord,
  { key, host: evidence, isApproved }: JoinRequest & { readonly isApproved: boolean },
  { tags: granted, forgetAfterMs }: TokenRecord,
  now: number,
): HostRecord {
  const account = { ...host.account };
  beginAgain(account);
  const presence = isApproved ? host.presence : 'pending';
  const given = { granted, tags: granted, forgetAfterMs };
  const own = { key, nextKey: undefined, formerKey: undefined, keyAt: now, isKeyWanted: false };
  return { ...host, ...given, ...own, account, isApproved, presence, ...evidenceOf(evidence, now) };
}
