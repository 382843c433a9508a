/**
 * Passwords and API tokens, hashed with scrypt (RFC 7914) in the form `$scrypt$ln=15,r=8,p=1$salt$hash`, salt and hash in base64
 * without padding. A hash takes 32 MiB and some 60 ms on a thread of the pool, so only two run at a time and few may wait.
 */
import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import { HttpError } from '../http-error.ts';

const COST = { ln: 15, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Of a hash from outside: 64 MiB. */
const MAX_LN = 16;
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;

/** Hashes that are computed at a time, and that wait. */
const AT_A_TIME = 2;
const MAX_WAITING = 16;

interface Hash {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

function parseHash(text: string): Hash | undefined {
  const [, ln, r, p, salt = '', hash = ''] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d),p=(\d)\$([\w+/]{8,64})\$([\w+/]{43})$/.exec(text) ?? [];
  if (ln === undefined || Number(ln) < 1 || Number(ln) > MAX_LN || Number(r) < 1 || Number(p) < 1) return undefined;
  const decode = (part: string) => Buffer.from(part, 'base64');
  return { ln: Number(ln), r: Number(r), p: Number(p), salt: decode(salt), hash: decode(hash) };
}

/** Whether a text is a hash that `hashSecret` could have made. */
export function isHash(text: string): boolean {
  return parseHash(text) !== undefined;
}

/** @param salt 16 bytes, by chance */
export async function hashSecret(secret: string, salt = randomBytes(SALT_BYTES)): Promise<string> {
  const hash = await derive(secret, { ...COST, salt });
  const encode = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${encode(salt)}$${encode(hash)}`;
}

/** Secrets of one kind: the password, or the tokens. */
export class Credentials {
  /** Those with the same salt need one computation for all. */
  readonly #groups: readonly (readonly [Hash, ...Hash[]])[];
  /** Digests of what was right, so that a program is not slowed down by a hash for each request; at most one each. */
  readonly #known: Map<Hash, Buffer>;

  private constructor(hashes: readonly Hash[], known: Map<Hash, Buffer>) {
    this.#known = known;
    const groups = new Map<string, [Hash, ...Hash[]]>();
    for (const hash of hashes) {
      const key = `${hash.ln},${hash.r},${hash.p},${hash.salt.toString('hex')}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [hash]);
      else group.push(hash);
    }
    this.#groups = [...groups.values()];
  }

  /** @param secrets as they are, or hashed */
  static async of(secrets: readonly string[]): Promise<Credentials> {
    const salt = randomBytes(SALT_BYTES);
    const hashes: Hash[] = [];
    // A secret that is given as it is need not be hashed to be recognised, so nobody who guesses slows its owner down.
    const known = new Map<Hash, Buffer>();
    for (const secret of secrets) {
      const given = parseHash(secret);
      const hash = given ?? parseHash(await hashSecret(secret, salt));
      if (hash === undefined) continue;
      hashes.push(hash);
      if (given === undefined) known.set(hash, digest(secret));
    }
    return new Credentials(hashes, known);
  }

  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** Whether the secret was right before. In constant time for each. */
  isKnown(secret: string): boolean {
    const given = digest(secret);
    return [...this.#known.values()].some((known) => timingSafeEqual(known, given));
  }

  /** @throws HttpError 429 if too many are being checked */
  async accepts(secret: string): Promise<boolean> {
    for (const group of this.#groups) {
      const derived = await inTurn(() => derive(secret, group[0]));
      const match = group.find(({ hash }) => timingSafeEqual(hash, derived));
      if (match === undefined) continue;
      this.#known.set(match, digest(secret));
      return true;
    }
    return false;
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function derive(secret: string, { ln, r, p, salt }: Omit<Hash, 'hash'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, HASH_BYTES, { N: 2 ** ln, r, p, maxmem: MAX_MEMORY_BYTES }, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= AT_A_TIME) {
    if (waiting.length >= MAX_WAITING) throw new HttpError(429, 'Too many sign-ins at a time', { 'retry-after': '5' });
    // The one that ends hands its place over.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
