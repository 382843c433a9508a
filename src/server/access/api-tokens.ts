/**
 * Tokens for programs, with a role and an end, in `api-tokens.json` of the state directory. A token is 256 random bits, which nobody
 * guesses however fast the hash is; so SHA-256 is kept of it and nothing else, and a request costs no scrypt.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { tokenFacts, type ApiTokenRequest } from '../../api/access.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError, errorCode } from '../../core/errors.ts';
import { jsonOf } from '../../core/json.ts';
import { retryRenameSync } from '../../core/retry-rename.ts';
import { z } from '../../plugin/index.ts';

import { HttpError } from '../http-error.ts';

export const API_TOKEN_PREFIX = 'hd_api_';

const FILE = 'api-tokens.json';
const TOKEN_BYTES = 32;
const MOST_TOKENS = 1000;
const MOST_BYTES = 8 * 1024 * 1024;
/** People see for so long that a token has expired. ms. */
const KEPT_MS = 30 * 86_400_000;

const record = z.object({
  ...tokenFacts,
  /** SHA-256, hexadecimal. `id` is its first digits. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
const file = z.object({ tokens: z.array(record).max(MOST_TOKENS) });

export type ApiTokenRecord = Readonly<z.output<typeof record>>;

export class ApiTokens {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #byHash = new Map<string, ApiTokenRecord>();
  /** Why the file cannot be used: then no token is valid, and none is made. */
  readonly trouble: string | undefined;

  constructor(stateDirectory: string, clock: Clock) {
    this.#directory = stateDirectory;
    this.#clock = clock;
    const path = join(stateDirectory, FILE);
    try {
      for (const each of readTokens(path)) this.#byHash.set(each.hash, each);
    } catch (error) {
      this.trouble = `${path} cannot be used, so no API token is valid: ${describeError(error)}; repair or delete it, and restart`;
    }
  }

  list(): readonly ApiTokenRecord[] {
    return [...this.#byHash.values()].toSorted((a, b) => a.createdAt - b.createdAt);
  }

  /** @returns the token, which is stored nowhere @throws HttpError if it cannot be kept */
  create(wish: ApiTokenRequest, createdBy: string): { readonly token: string; readonly record: ApiTokenRecord } {
    if (this.trouble !== undefined) throw new HttpError(503, this.trouble);
    const now = this.#clock.now();
    const kept = this.list().filter(({ expiresAt }) => expiresAt > now - KEPT_MS);
    if (kept.length >= MOST_TOKENS) throw new HttpError(422, `There are ${MOST_TOKENS} API tokens; end some of them`);
    const token = `${API_TOKEN_PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`;
    const hash = hashOf(token);
    const { name, role, scope, expiresMs } = wish;
    const made = {
      id: hash.slice(0, 8),
      hash,
      name,
      role,
      ...(scope !== undefined && { scope }),
      createdAt: now,
      createdBy,
      expiresAt: now + expiresMs,
    };
    this.#keep([...kept, made]);
    return { token, record: made };
  }

  /** From now on it is worth nothing. @returns undefined if there is none with this id @throws HttpError if that cannot be kept */
  end(id: string): ApiTokenRecord | undefined {
    const ended = this.list().find((each) => each.id === id);
    if (ended !== undefined) this.#keep(this.list().filter((each) => each !== ended));
    return ended;
  }

  /** Looked up by its hash, so that the time of the comparison says nothing about the token. @throws HttpError 401 */
  find(token: string): ApiTokenRecord {
    if (this.trouble !== undefined) throw new HttpError(503, this.trouble);
    const found = this.#byHash.get(hashOf(token));
    if (found === undefined) throw refused('The API token is wrong, or has been ended');
    if (found.expiresAt <= this.#clock.now())
      throw refused(`The API token "${found.name}" has expired; make another with "healthd server token create"`);
    return found;
  }

  isValid({ hash, expiresAt }: ApiTokenRecord): boolean {
    return this.#byHash.has(hash) && expiresAt > this.#clock.now();
  }

  #keep(tokens: readonly ApiTokenRecord[]): void {
    try {
      writeTokens(this.#directory, tokens);
    } catch (error) {
      throw new HttpError(503, `${FILE} cannot be written, so nothing has changed: ${describeError(error)}`);
    }
    this.#byHash.clear();
    for (const each of tokens) this.#byHash.set(each.hash, each);
  }
}

export function isApiToken(token: string): boolean {
  return token.startsWith(API_TOKEN_PREFIX);
}

function refused(message: string): HttpError {
  return new HttpError(401, message, { 'www-authenticate': 'Bearer realm="healthd"' });
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** @throws Error if there is a file that cannot be used */
function readTokens(path: string): readonly ApiTokenRecord[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  try {
    if (fstatSync(descriptor).size > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
    const parsed = file.safeParse(jsonOf(readFileSync(descriptor, 'utf8')));
    if (!parsed.success) throw new Error('it is damaged');
    return parsed.data.tokens;
  } finally {
    closeSync(descriptor);
  }
}

/** Complete or not at all. Only its owner can read it. */
function writeTokens(directory: string, tokens: readonly ApiTokenRecord[]): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, FILE);
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify({ tokens }, undefined, 2)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  retryRenameSync(() => {
    renameSync(draft, path);
  });
}
