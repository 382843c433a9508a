import type { HubCode } from '../api/hub-protocol.ts';

/** A request of an agent that the hub refuses. The text says what to do on the host. */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal';
  readonly code: HubCode;

  constructor(code: HubCode, message: string) {
    super(message);
    this.code = code;
  }
}

export class CloneRefusal extends HubRefusal {
  /** Joins the clone as a host of its own; undefined: it asks again for one. */
  readonly token: string | undefined;

  constructor(token: string | undefined) {
    super('clone', 'Another process has this identity; this one becomes a host of its own');
    this.token = token;
  }
}
