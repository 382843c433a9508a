/** What an agent keeps of its hubs: `hub.json` in the state directory, with the key that makes it this host; and one for each further hub. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { retryRename } from '../../core/retry-rename.ts';
import { describeError, unlessMissing } from '../../core/errors.ts';
import { jsonOf } from '../../core/json.ts';
import { z } from '../../plugin/index.ts';

import { giveTo } from '../give-to.ts';

const FILE = 'hub.json';
/** Alias of the output that `healthd join` writes first. */
export const FIRST_HUB = 'hub';

const membershipSchema = z.object({
  /** Without a path. */
  hub: z.url(),
  /** Id of the host at the hub. */
  id: z.string(),
  /** Ed25519 private key, PKCS 8, PEM. */
  key: z.string(),
  /** It takes the place of `key` when the hub has taken it. Written before it is offered. */
  nextKey: z.string().optional(),
  /** A hub that was restored from a backup may know only this one. */
  formerKey: z.string().optional(),
  /** Of the hub, which it has said. */
  hubId: z.string().optional(),
  /** The hub's certificate, PEM, if no authority of this system vouches for it, and a name in it. */
  trusted: z.object({ certificate: z.string(), name: z.string() }).optional(),
});

export type Membership = z.output<typeof membershipSchema>;

/** Of one host: a file for each hub, by the alias of the output that sends to it. */
export class Memberships {
  readonly #directory: string;
  readonly #outputs: () => readonly string[];

  /** @param outputs aliases of the outputs to hubs, in their order */
  constructor(stateDirectory: string, outputs: () => readonly string[]) {
    this.#directory = stateDirectory;
    this.#outputs = outputs;
  }

  /** Undefined before the agent has joined this hub. @throws Error if the file cannot be used */
  async read(name: string): Promise<Membership | undefined> {
    const path = this.#fileOf(name);
    const text = await unlessMissing(readFile(path, 'utf8'));
    if (text === undefined) return undefined;
    try {
      return membershipSchema.parse(jsonOf(text));
    } catch (error) {
      throw new Error(`${path} cannot be used; delete it, and run "healthd join" again: ${describeError(error)}`, {
        cause: error,
      });
    }
  }

  /** Only its owner can read it, who is that of the directory, also if root has joined. Complete or not at all. */
  async write(name: string, membership: Membership): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o750 });
    const path = this.#fileOf(name);
    const draft = `${path}.new`;
    await rm(draft, { force: true });
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(membership, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(draft, 0o600);
    giveTo(draft, this.#directory);
    await retryRename(() => rename(draft, path));
  }

  /** Ids of the hubs that are asked before this one, as far as they are known. */
  async before(name: string): Promise<readonly string[]> {
    const outputs = this.#outputs();
    const known = outputs.slice(0, Math.max(0, outputs.indexOf(name))).map((each) =>
      // Its own link says why it cannot be read.
      this.read(each).then(
        (membership) => membership?.hubId,
        () => undefined,
      ),
    );
    return (await Promise.all(known)).filter((id) => id !== undefined);
  }

  /** @returns whether there was one */
  async remove(name: string): Promise<boolean> {
    const removed = await unlessMissing(rm(this.#fileOf(name)).then(() => true));
    return removed === true;
  }

  /** `hub.json` is that of the first one, whatever its alias, unless another one is called `hub`. */
  #fileOf(name: string): string {
    const own = join(this.#directory, `hub.${name}.json`);
    const outputs = this.#outputs();
    const first = outputs.includes(FIRST_HUB) ? FIRST_HUB : (outputs[0] ?? FIRST_HUB);
    return name === first && (name === FIRST_HUB || !existsSync(own)) ? join(this.#directory, FILE) : own;
  }
}

/** The public half of a private key. @param key PKCS 8, PEM @returns SPKI, DER, base64url */
export function publicHalf(key: string): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64url');
}

export interface AgentKey {
  /** PKCS 8, PEM. */
  readonly privateKey: string;
  /** SPKI, DER, base64url. */
  readonly publicKey: string;
}

export function newKey(): AgentKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
  };
}
