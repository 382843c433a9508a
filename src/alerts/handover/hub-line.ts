/** What the desk knows of one hub while its link is open. In memory. */
import { MOST_BODIES, type HandedAlert } from '../../api/hub-alerts.ts';
import type { AlertLink } from '../../host/hub/alert-desk.ts';

import type { Candidate } from './turns.ts';

export class HubLine {
  readonly link: AlertLink;
  /** It refuses this host, or cannot notify. */
  isUnavailable = false;
  /** It has receivers, as it said last. */
  delivers = true;
  /** It has answered the last message. */
  isHeard = false;
  isDirty = false;
  /** A message is under way that asks it to notify. */
  isAsked = false;
  /** Of messages, in this process. */
  seq = 0;
  /** Of what people did at the hub, as it said last. */
  version: string | undefined;
  mostBodies = MOST_BODIES;
  /** The hub has no room for them, or they cannot be said. */
  readonly refused = new Set<string>();
  /** Bodies that have asked this hub to notify, and not only told it what fires. */
  readonly asking = new WeakSet<HandedAlert>();

  constructor(link: AlertLink) {
    this.link = link;
  }

  get name(): string {
    return this.link.name;
  }

  /** Undefined: it will not notify of this alert. */
  candidate(fingerprint: string): Candidate | undefined {
    if (this.isUnavailable || !this.delivers || this.refused.has(fingerprint)) return undefined;
    return { name: this.name, deliverAfterMs: this.link.deliverAfterMs, isHeard: this.isHeard, isAsked: this.isAsked };
  }

  /** The hub takes no message of this size. */
  halve(): void {
    this.mostBodies = Math.max(1, Math.floor(this.mostBodies / 2));
  }
}
