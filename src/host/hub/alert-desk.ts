/** Where the link to a hub gets the alerts that the hub shall notify of. Implemented in `alerts/handover/`. */
import type { AlertsAnswer, AlertsMessage } from '../../api/hub-alerts.ts';

export interface AlertLink {
  /** What the hub has not confirmed for so long, the agent notifies of by itself. ms. */
  readonly deliverAfterMs: number;
  /** There is something to say: `next` has a message. */
  readonly onNews: () => void;
  /** What the hub knows of an alert, by its fingerprint here. @throws if the hub does not answer */
  readonly why?: (fingerprint: string) => Promise<unknown>;
}

export interface AlertLine {
  /** A session with the hub has begun. @param id of this host at the hub */
  began(id: string): void;
  /** @param version of what people did at the hub, as its answer to a heartbeat says */
  heard(version: string): void;
  /** Undefined: the hub knows everything. */
  next(): AlertsMessage | undefined;
  answered(message: AlertsMessage, answer: AlertsAnswer): void;
  /** The message may or may not have come. */
  failed(): void;
  /** The hub takes no message of this size. */
  tooLarge(): void;
  /** The hub will not notify: it refuses this host, or is of a version that cannot. */
  unavailable(): void;
  close(): void;
}

export interface AlertDesk {
  /** One hub notifies: that of the link that was opened last. */
  open(link: AlertLink): AlertLine;
}
