/**
 * Sessions as signed cookies: `expiry.id.signature`. The key is in `server.key` of the state directory, so sessions survive a
 * restart. It is combined with the configured credentials: a changed password ends all sessions.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readFileSync, unlinkSync, writeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../../core/clock.ts';
import { errorCode } from '../../core/errors.ts';

const DAY_MS = 86_400_000;
const VALID_MS = 30 * DAY_MS;
const KEY_BYTES = 32;
const KEY_FILE = 'server.key';
/** Longer cookie headers are not searched. Characters. */
const MAX_COOKIES = 8192;

export class Sessions {
  readonly #clock: Clock;
  readonly #key: Buffer;
  /** Names the agent: cookies are shared by all ports of a host. */
  readonly #name: string;

  /**
   * @param given key of the file; undefined: one that ends with the process
   * @param credentials what the configuration has, which the signatures depend on
   */
  constructor(given: Buffer | undefined, credentials: readonly string[], clock: Clock) {
    const key = given ?? randomBytes(KEY_BYTES);
    this.#clock = clock;
    this.#key = createHmac('sha256', key).update(JSON.stringify(credentials)).digest();
    this.#name = `healthd_${createHmac('sha256', key).update('name').digest('hex').slice(0, 8)}`;
  }

  /** A `Set-Cookie` header that opens a session. @param isSecure whether the connection is encrypted */
  open(isSecure: boolean): string {
    const body = `${this.#clock.now() + VALID_MS}.${randomBytes(12).toString('base64url')}`;
    return this.#cookie(`${body}.${this.#sign(body)}`, VALID_MS / 1000, isSecure);
  }

  /** A `Set-Cookie` header that ends the session of this browser. */
  close(isSecure: boolean): string {
    return this.#cookie('', 0, isSecure);
  }

  /** @param cookies the header @returns when the session ends, ms since the Unix epoch; undefined if there is none */
  find(cookies: string | undefined): number | undefined {
    if (cookies === undefined || cookies.length > MAX_COOKIES) return undefined;
    for (const pair of cookies.split(';')) {
      const [name, value = ''] = pair.trim().split('=', 2);
      const end = name === this.#name ? this.#endOf(value) : undefined;
      if (end !== undefined) return end;
    }
    return undefined;
  }

  /** Whether a session that ends then is old enough to be prolonged: once a day. */
  isOld(end: number): boolean {
    return end - this.#clock.now() < VALID_MS - DAY_MS;
  }

  #endOf(value: string): number | undefined {
    const [, body = '', expiry, signature = ''] = /^((\d{1,16})\.[\w-]{16})\.([\w-]{43})$/.exec(value) ?? [];
    if (expiry === undefined) return undefined;
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(this.#sign(body)))) return undefined;
    return Number(expiry) > this.#clock.now() ? Number(expiry) : undefined;
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url');
  }

  #cookie(value: string, seconds: number, isSecure: boolean): string {
    const secure = isSecure ? '; Secure' : '';
    return `${this.#name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  }
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
