/** Where the link to a hub gets the alerts that the hub shall notify of. Implemented in `alerts/handover/`. */
import type { AlertsAnswer, AlertsMessage } from '../../api/hub-alerts.ts';

export interface AlertLink {
  /** Of this hub, the same after each restart: the alias of its output. */
  readonly name: string;
  /** Of several hubs, that with the lowest is asked first. */
  readonly order: () => number;
  /** What this hub has not confirmed for so long, the next one is asked, or the agent notifies by itself. ms. */
  readonly deliverAfterMs: number;
  /** There is something to say: `next` has a message. */
  readonly onNews: () => void;
  /** What the hub knows of an alert, by its fingerprint here. @throws if the hub does not answer */
  readonly why?: (fingerprint: string) => Promise<unknown>;
}

export interface AlertLine {
  /**
   * A session with the hub has begun.
   *
   * @param id of this host at the hub
   * @param label of the hub, for people: its host name and port
   */
  began(id: string, label: string): void;
  /** @param version of what people did at the hub, as its answer to a heartbeat says */
  heard(version: string): void;
  /** The hub does not answer at present. */
  silent(): void;
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
  /** One hub at a time is asked to notify. Of links with one name, that which was opened last counts. */
  open(link: AlertLink): AlertLine;
}
