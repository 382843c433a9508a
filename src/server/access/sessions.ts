/**
 * Sessions as signed cookies: `expiry.id.holder.signature`, without a holder for the password that all share. The key is in
 * `server.key` of the state directory, so sessions survive a restart. It is combined with the credentials of the holder: a changed
 * password ends the sessions that it has opened.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readFileSync, unlinkSync, writeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../../core/clock.ts';
import { errorCode } from '../../core/errors.ts';
import { jsonOf } from '../../core/json.ts';
import { z } from '../../plugin/index.ts';

const DAY_MS = 86_400_000;
const VALID_MS = 30 * DAY_MS;
const OIDC_VALID_MS = DAY_MS / 2;
const KEY_BYTES = 32;
const KEY_FILE = 'server.key';
/** Longer cookie headers are not searched. Characters. */
const MAX_COOKIES = 8192;

/** Whose session it is. */
export type Holder =
  | { readonly kind: 'shared' }
  | { readonly kind: 'user'; readonly name: string }
  /** Of the provider; `groups` are those that the configuration gives a role. */
  | { readonly kind: 'oidc'; readonly name: string; readonly groups: readonly string[] };

export interface Session {
  /** ms since the Unix epoch. */
  readonly end: number;
  readonly holder: Holder;
}

/** What a session of the holder depends on; undefined: it has ended. */
export type StampOf = (holder: Holder) => readonly string[] | undefined;

const holderSchema = z.union([
  z.object({ kind: z.literal('user'), name: z.string() }),
  z.object({ kind: z.literal('oidc'), name: z.string(), groups: z.array(z.string()) }),
]);

export class Sessions {
  readonly #clock: Clock;
  readonly #key: Buffer;
  readonly #stampOf: StampOf;
  /** Names the agent: cookies are shared by all ports of a host. */
  readonly #name: string;

  /** @param given key of the file; undefined: one that ends with the process */
  constructor(given: Buffer | undefined, stampOf: StampOf, clock: Clock) {
    this.#key = given ?? randomBytes(KEY_BYTES);
    this.#clock = clock;
    this.#stampOf = stampOf;
    this.#name = `healthd_${createHmac('sha256', this.#key).update('name').digest('hex').slice(0, 8)}`;
  }

  /** A `Set-Cookie` header that opens a session. @param isSecure whether the connection is encrypted */
  open(holder: Holder, isSecure: boolean): string {
    const valid = validMs(holder);
    const parts = [`${this.#clock.now() + valid}`, randomBytes(12).toString('base64url')];
    if (holder.kind !== 'shared') parts.push(Buffer.from(JSON.stringify(holder)).toString('base64url'));
    const body = parts.join('.');
    return this.#cookie(`${body}.${this.#sign(body, this.#stampOf(holder) ?? [])}`, valid / 1000, isSecure);
  }

  /** A `Set-Cookie` header that ends the session of this browser. */
  close(isSecure: boolean): string {
    return this.#cookie('', 0, isSecure);
  }

  /** @param cookies the header */
  find(cookies: string | undefined): Session | undefined {
    if (cookies === undefined || cookies.length > MAX_COOKIES) return undefined;
    for (const pair of cookies.split(';')) {
      const [name, value = ''] = pair.trim().split('=', 2);
      const session = name === this.#name ? this.#sessionIn(value) : undefined;
      if (session !== undefined) return session;
    }
    return undefined;
  }

  /** Whether a session is old enough to be prolonged: once a day. What the provider has said is not prolonged. */
  isOld({ end, holder }: Session): boolean {
    return holder.kind !== 'oidc' && end - this.#clock.now() < VALID_MS - DAY_MS;
  }

  #sessionIn(value: string): Session | undefined {
    const [, body = '', expiry, encoded, signature = ''] =
      /^((\d{1,16})\.[\w-]{16}(?:\.([\w-]{1,4000}))?)\.([\w-]{43})$/.exec(value) ?? [];
    if (expiry === undefined) return undefined;
    const holder = encoded === undefined ? ({ kind: 'shared' } as const) : holderIn(encoded);
    const stamp = holder && this.#stampOf(holder);
    if (holder === undefined || stamp === undefined) return undefined;
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(this.#sign(body, stamp)))) return undefined;
    return Number(expiry) > this.#clock.now() ? { end: Number(expiry), holder } : undefined;
  }

  #sign(body: string, stamp: readonly string[]): string {
    const key = createHmac('sha256', this.#key).update(JSON.stringify(stamp)).digest();
    return createHmac('sha256', key).update(body).digest('base64url');
  }

  #cookie(value: string, seconds: number, isSecure: boolean): string {
    const secure = isSecure ? '; Secure' : '';
    return `${this.#name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  }
}

/** The provider may take rights away, and says so at the next sign-in only. */
function validMs({ kind }: Holder): number {
  return kind === 'oidc' ? OIDC_VALID_MS : VALID_MS;
}

function holderIn(encoded: string): Holder | undefined {
  const parsed = holderSchema.safeParse(jsonOf(Buffer.from(encoded, 'base64url').toString('utf8')));
  return parsed.success ? parsed.data : undefined;
}

/**
 * The key of a state directory; made at the first start. The caller holds the lock on the directory.
 *
 * @throws the system error if it can neither be read nor made
 */
export function sessionKey(stateDirectory: string): Buffer {
  const path = join(stateDirectory, KEY_FILE);
  return readKey(path) ?? makeKey(stateDirectory, path);
}

/** @returns undefined if there is none, or one that is damaged or that others may read, which is then deleted */
function readKey(path: string): Buffer | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const key = readFileSync(descriptor);
      const isPrivate = process.platform === 'win32' || (fstatSync(descriptor).mode & 0o077) === 0;
      if (key.length === KEY_BYTES && isPrivate) return key;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) !== 'ELOOP') throw error;
  }
  unlinkSync(path);
  return undefined;
}

function makeKey(stateDirectory: string, path: string): Buffer {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const key = randomBytes(KEY_BYTES);
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeSync(descriptor, key);
  } finally {
    closeSync(descriptor);
  }
  return key;
}
