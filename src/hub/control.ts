/** What routes may ask of the hub. */
import type { FleetAnswer, FleetEventsAnswer, TokenRequest, TokensAnswer } from '../api/fleet.ts';
import type {
  Heartbeat,
  HeartbeatAnswer,
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
  /** Undefined for a host that does not exist, or a name that several have. */
  host(idOrName: string): { readonly id: string; readonly name: string } | undefined;
  /** What says whether a host is in somebody's scope. */
  grants(): readonly HostGrants[];
  /** Undefined for a host that does not exist. */
  events(host: string | undefined, limit: number): FleetEventsAnswer | undefined;
  tokens(): TokensAnswer;
  /** @returns what the user pastes on a host: the token, without the address of the hub */
  createToken(wish: TokenRequest): { readonly id: string; readonly token: string; readonly expiresAt: number };
  /** @param id as `tokens` says */
  endToken(id: string): boolean;
  /** Undefined for a host that does not exist. */
  act(what: HostAct, host: string): { readonly id: string; readonly name: string } | undefined;
}

export interface HostGrants {
  readonly id: string;
  readonly name: string;
  /** Tags that the hub has given it, not those that its agent claims. */
  readonly granted: Tags;
}

export type HostAct = 'approve' | 'revoke' | 'forget';

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
  heartbeat(message: Heartbeat): HeartbeatAnswer;
  /**
   * Resolves when the lines are in the journal, and the account of them on disk.
   *
   * @param run the lines that are all here then; undefined if more of them follow
   * @returns texts of lines that cannot be read, at most 100
   * @throws Error if the journal or the hub's file cannot be written
   */
  take(lines: Buffer, run: Run | undefined, signal: AbortSignal): Promise<readonly string[]>;
}
