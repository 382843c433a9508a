/**
 * What an agent and its hub say to each other: JSON over HTTPS below `/api/v1/agents/`. Times are ms since the Unix epoch; nothing
 * is trusted because of a clock. An error has a `code` beside its text, so that an agent knows what to do.
 *
 * 1. `join`: an agent sends its public key with a join token, once.
 * 2. `nonce` and `session`: it signs a number that the hub has just made, and gets a token that is valid while the hub runs.
 * 3. `key`: a new key in place of the old, when the answer to a heartbeat asks for one.
 * 4. `lines`: gzip of line protocol, confirmed when it is in the hub's journal. `heartbeat`: it is there. `inventory`: what it is made of.
 */
import { z } from '../plugin/index.ts';

/** Of this file. A hub refuses agents with a later one. */
export const PROTOCOL = 1;

/** Ids, tokens and keys: base64url or hexadecimal, bounded. */
const code = (most: number) =>
  z
    .string()
    .regex(/^[\w-]+$/)
    .max(most);
const text = (most: number) => z.string().max(most);
const count = () => z.number().int().nonnegative();

export const HUB_CODES = [
  'token_unknown',
  'token_expired',
  'token_used',
  'unknown',
  'pending',
  'revoked',
  'clone',
  'version',
  'self',
  'session',
] as const;
export type HubCode = (typeof HUB_CODES)[number];

/** What tells hosts apart when an id does not; never a proof. */
export const hostEvidence = z.object({
  /** Value of the `host` tag. */
  name: text(255).min(1),
  /** Keyed hash of machine-id(5), which must not be shown; empty where there is none. */
  machine: text(64),
  /** Of the kernel; another one after each boot. */
  boot: text(64).min(1),
  /** Of the process. */
  start: text(64).min(1),
  bootedAt: z.number(),
  addresses: z.array(text(64)).max(16),
  version: text(64),
  protocol: z.number().int(),
  /** Id of this agent as a hub; absent: it is none. */
  hub: code(64).optional(),
});

export const joinRequest = z.object({
  /** Ed25519 public key: SPKI, DER, base64url. */
  key: code(128),
  host: hostEvidence,
});
export const joinAnswer = z.object({
  /** The id of the host from now on. */
  id: z.string(),
  /** False until somebody approves it. */
  isApproved: z.boolean(),
  /** Id of the hub. */
  hub: code(64).optional(),
});

export const nonceRequest = z.object({ id: code(64) });
export const nonceAnswer = z.object({ nonce: z.string() });

export const sessionRequest = z.object({
  id: code(64),
  nonce: code(64),
  /** Of `signedText`, base64url. */
  signature: code(128),
  /** Number of the line that the journal gets next. A journal that was lost begins again. */
  nextLine: count(),
  host: hostEvidence,
});
export const sessionAnswer = z.object({
  /** For `Authorization: Bearer`. */
  token: z.string(),
  /** How often the hub wants a heartbeat, ms. */
  everyMs: z.number(),
  /** Id of the hub. */
  hub: code(64).optional(),
});

/** Reasons of a stop that somebody wanted. */
export const GOODBYES = ['stop', 'reboot', 'shutdown'] as const;

export const heartbeat = z.object({
  /** The hub's clock minus the agent's, ms, from the exchange of the shortest round trip; null before the first one. */
  offsetMs: z.number().nullable(),
  /** Value of the `host` tag. */
  name: text(255).min(1),
  tags: z.record(text(64), text(255)).refine((tags) => Object.keys(tags).length <= 50, 'has more than 50 tags'),
  /** Lines that wait for the hub. */
  pending: count(),
  /** Number that the next line of the journal gets, when `pending` was counted: this message may come after later lines. */
  nextLine: count().optional(),
  goodbye: z.enum(GOODBYES).optional(),
  /** Ids of the hubs that this agent asks before this one: while they are there, they watch the host. */
  before: z.array(code(64)).max(16).optional(),
});
export const heartbeatAnswer = z.object({
  /** Of the hub, ms since the Unix epoch. */
  now: z.number(),
  /** What its administrator should know: lines that the hub does not keep as they are. */
  warnings: z.array(text(1000)).max(10).optional(),
  /** Changes when people do something about alerts of the host: see `hub-alerts.ts`. */
  alerts: text(200).optional(),
  /** The hub wants a new key: see `keyOffer`. */
  rotate: z.boolean().optional(),
});

/** A new key, while the session of the old one is open. The old one is good until the new one has signed in. */
export const keyOffer = z.object({
  /** As in `joinRequest`. */
  key: code(128),
  /** Of `keyOfferText` with the old key, base64url. */
  signature: code(128),
});
export const keyAnswer = z.object({});

/** What an agent signs. Names its use, so that the signature is good for nothing else. */
export function signedText(id: string, nonce: string, start: string): Buffer {
  return Buffer.from(['healthd session 1', id, nonce, start].join('\n'));
}

export function keyOfferText(id: string, key: string): Buffer {
  return Buffer.from(['healthd key 1', id, key].join('\n'));
}

export type KeyOffer = z.output<typeof keyOffer>;
export type HostEvidence = z.output<typeof hostEvidence>;
export type JoinRequest = z.output<typeof joinRequest>;
export type JoinAnswer = z.output<typeof joinAnswer>;
export type SessionRequest = z.output<typeof sessionRequest>;
export type SessionAnswer = z.output<typeof sessionAnswer>;
export type Heartbeat = z.output<typeof heartbeat>;
export type HeartbeatAnswer = z.output<typeof heartbeatAnswer>;
export type Goodbye = (typeof GOODBYES)[number];

export { inventoryReport, type InventoryReport } from './inventory-report.ts';
