/** What the hub keeps on disk. Times are ms since the Unix epoch. */
import type { Goodbye } from '../api/hub-protocol.ts';
import type { Tags } from '../metric/metric.ts';

import type { Account } from './positions.ts';
import type { Presence } from './presence.ts';

export interface HostRecord {
  readonly id: string;
  /** Value of the `host` tag. */
  name: string;
  /** Names of before, the newest first. */
  formerNames: readonly { readonly name: string; readonly until: number }[];
  /** How people see it; undefined: by its name. */
  title?: string | undefined;
  /** Those that its join token grants, and labels; the agent's own give way. */
  granted: Tags;
  tags: Tags;
  /** Ed25519 public key: SPKI, DER, base64url. */
  key: string;
  /** Offered; it becomes `key` when it signs in. */
  nextKey?: string | undefined;
  /** The key before `key`: a signature by it comes from an old copy. */
  formerKey?: string | undefined;
  /** When `key` was changed; undefined: not since it joined. */
  keyAt?: number;
  /** Somebody wants it to change its key. */
  isKeyWanted?: boolean;
  isApproved: boolean;
  /** Somebody has approved it, so it is no clone that nobody knows. */
  isVouched?: boolean;
  /** One with its key was revoked: from then on a clone of it has to be approved. */
  isCopied?: boolean;
  revokedAt: number | undefined;
  joinedAt: number;
  heardAt: number;
  /** How long the hub had run then: what it was off, or stood still, does not make a host forgotten. ms. */
  heardAge: number;
  presence: Presence;
  since: number;
  goodbye: Goodbye | undefined;
  /** Of the kernel, the process and the machine. */
  boot: string;
  start: string;
  /** Processes that this identity had before, the newest last. */
  formerStarts: readonly string[];
  machine: string;
  bootedAt: number;
  version: string;
  addresses: readonly string[];
  /** The hub's clock minus the host's. */
  offsetMs: number | undefined;
  account: Account;
  /** Lines whose times were too far ahead and were put right; absent: none. */
  corrected?: number;
  pending: number;
  /** Forgotten after so long without a word; undefined: as the configuration says. ms. */
  forgetAfterMs: number | undefined;
  clonedFrom: string | undefined;
  /** Its id, if it is a hub itself. */
  hub?: string | undefined;
  /** Hubs that its agent asks before this one: they watch it while they are there. */
  before?: readonly string[] | undefined;
  /** This hub has reported that it is away, and goes on until it is back. */
  isReported?: boolean | undefined;
}

export interface TokenRecord {
  /** SHA-256 of the token, hexadecimal. The token itself is stored nowhere. */
  readonly hash: string;
  /** The first digits of the hash, for people. */
  readonly id: string;
  readonly tags: Tags;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly uses: number;
  used: number;
  readonly forgetAfterMs: number | undefined;
  /** For the clone of this host. */
  readonly cloneOf: string | undefined;
}

/** A plain writer. */
export interface WriterRecord {
  readonly name: string;
  readonly firstAt: number;
  readonly heardAt: number;
  /** When it was saved. ms. */
  readonly silentMs: number;
  readonly gapMs: number;
  readonly presence: Presence;
  readonly since: number;
  readonly lines: number;
}

export const HUB_EVENTS = [
  'joined',
  'rejoined',
  'approved',
  'revoked',
  'suspended',
  'labelled',
  'key_wanted',
  'key_changed',
  'old_key',
  'forgotten',
  'renamed',
  'up',
  'down',
  'unreachable',
  'stopped',
  'rebooted',
  'cloned',
  'lines_lost',
  'writes',
  'ahead',
  'flood',
  'site_lost',
  'site_back',
  'frozen',
  'restored',
] as const;
export type HubEventKind = (typeof HUB_EVENTS)[number];

export interface HubEvent {
  readonly at: number;
  readonly kind: HubEventKind;
  /** Id of the host, or name of a plain writer; undefined if it is about the hub or a site. */
  readonly host: string | undefined;
  /** Its name then. */
  readonly name: string;
  /** One sentence without a full stop. */
  readonly text: string;
}
