/** The way of an agent to its hub, for the output `hub`. Implemented in `host/hub/`. */

/** The batch of an output, as far as the hub cares. */
interface Sent {
  readonly size: number;
  readonly range?: { readonly from: number; readonly to: number } | undefined;
  gzip(): Promise<Uint8Array>;
}

export interface HubLink {
  /**
   * Resolves when the hub has the lines in its journal. Signs in first if that is needed.
   *
   * @throws RetryableError that says what to do: not joined, not approved, revoked, unreachable
   */
  send(batch: Sent, signal: AbortSignal): Promise<void>;
  /** Says goodbye, so that the hub raises no alarm. Never throws. */
  close(): Promise<void>;
}

export interface HubLinkOptions {
  /** Whether alerts are handed to this hub; undefined: unless this agent is a hub itself. */
  readonly alerts: boolean | undefined;
  /** Of what this hub has not confirmed for so long, the next one notifies, or the agent by itself. ms. */
  readonly deliverAfterMs: number;
}

/** From now on the hub hears that the agent is there. */
export type OpenHubLink = (options: HubLinkOptions) => HubLink;
