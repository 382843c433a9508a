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
