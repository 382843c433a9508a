/** What routes may ask of the hub. */
import type { FleetInventoryAnswer, HostInventoryAnswer } from '../api/fleet-inventory.ts';
import type {
  ActedAnswer,
  FleetAnswer,
  FleetEventsAnswer,
  LabelRequest,
  TokenRequest,
  TokensAnswer,
} from '../api/fleet.ts';
import type { AlertsAnswer, AlertsMessage } from '../api/hub-alerts.ts';
import type { WhyAnswer } from '../api/why.ts';
import type {
  Heartbeat,
  HeartbeatAnswer,
  InventoryReport,
  KeyOffer,
  JoinAnswer,
  JoinRequest,
  SessionAnswer,
  SessionRequest,
} from '../api/hub-protocol.ts';

import type { Tags } from '../metric/metric.ts';

import type { Run } from './positions.ts';

export type { Run } from './positions.ts';
export { CloneRefusal, HubRefusal } from './refusal.ts';

/** What users do. A host is named by its id or its name. */
export interface HubControl {
  fleet(): FleetAnswer;
  /** Also a plain writer. Undefined for a host that does not exist, or a name that several have. */
  host(idOrName: string): { readonly id: string; readonly name: string } | undefined;
  /** What says whether a host is in somebody's scope. */
  grants(): readonly HostGrants[];
  /** Undefined for a host that does not exist. */
  events(host: string | undefined, limit: number): FleetEventsAnswer | undefined;
  /** Undefined for a host that does not exist. */
  inventory(host: string): HostInventoryAnswer | undefined;
  inventories(): FleetInventoryAnswer;
  tokens(): TokensAnswer;
  /** @returns what the user pastes on a host: the token, without the address of the hub */
  createToken(wish: TokenRequest): { readonly id: string; readonly token: string; readonly expiresAt: number };
  /** @param id as `tokens` says */
  endToken(id: string): boolean;
  /** Undefined for a host that does not exist. */
  act(what: HostAct, host: string): ActedAnswer | undefined;
  /** @param title how people see the host; empty: by its name @throws RangeError if another one has it */
  rename(host: string, title: string): ActedAnswer | undefined;
  /** @param labels an empty value takes one away @throws RangeError for too many */
  label(host: string, labels: LabelRequest['labels']): ActedAnswer | undefined;
}

/** Takes alerts of hosts, and notifies of them. */
export interface AlertIntake {
  take(host: { readonly id: string; readonly name: string; readonly tags: Tags }, message: AlertsMessage): AlertsAnswer;
  /** @param reason for people */
  forget(host: string, reason: string): void;
  /** Of all that people did about a host, so that its agent asks when it changes. */
  version(host: { readonly id: string; readonly name: string; readonly tags: Tags }): string;
  /** What is known of an alert of a host; undefined if it has none such. @param fingerprint at the host */
  why(host: string, fingerprint: string): WhyAnswer | undefined;
  /** Forgets hosts that the hub does not know. */
  retain(isKnown: (host: string) => boolean): void;
}

export interface HostGrants {
  readonly id: string;
  /** Its name, and that of its lines, which no other host has. */
  readonly names: readonly string[];
  /** Tags that the hub has given it, not those that its agent claims. */
  readonly granted: Tags;
}

export type HostAct = 'approve' | 'revoke' | 'forget' | 'rotate';

/** What agents do. Every method throws HubRefusal. */
export interface AgentIntake {
  join(token: string, request: JoinRequest): JoinAnswer;
  nonce(id: string): string;
  openSession(request: SessionRequest): SessionAnswer;
  /** The session that a token belongs to. */
  session(token: string): AgentSession;
  /** Why lines could be lost: then they are refused, and stay with the agent. */
  readonly trouble: string | undefined;
}

export interface AgentSession {
  /** Id. */
  readonly host: string;
  /** Until lines of the host are taken again: it has sent too many. ms. */
  readonly waitMs: number;
  heartbeat(message: Heartbeat): HeartbeatAnswer;
  /** On disk when it returns. @throws HubRefusal, or the error of SQLite; then nothing has changed */
  offerKey(offer: KeyOffer): void;
  /**
   * Alerts of the host, on disk when it returns.
   *
   * @returns undefined if the hub has no alerts
   * @throws HubRefusal for a message that comes after a later one
   */
  alerts(message: AlertsMessage): AlertsAnswer | undefined;
  /** Why receivers of the hub were notified of an alert of the host, or were not; undefined if it knows none such. */
  why(fingerprint: string): WhyAnswer | undefined;
  /** @returns false: it has told too much lately; later @throws the error of SQLite */
  inventory(report: InventoryReport): boolean;
  /**
   * Resolves when the lines are in the journal, and the account of them on disk.
   *
   * @param run the lines that are all here then; undefined if more of them follow
   * @returns texts of lines that cannot be read, at most 100
   * @throws Error if the journal or the hub's file cannot be written
   */
  take(lines: Buffer, run: Run | undefined, signal: AbortSignal): Promise<readonly string[]>;
}
