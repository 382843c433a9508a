import type { HostRecord } from './records.ts';
import { HubRefusal } from './refusal.ts';

/** Messages about alerts: one that was on its way for long would undo what came after it. */
export class InOrder {
  /** Number of the last one, by the process that sent it. */
  readonly #last = new WeakMap<HostRecord, { readonly start: string; readonly seq: number }>();

  /** @throws HubRefusal for a message that comes after a later one of the same process */
  check(host: HostRecord, seq: number): void {
    const { start } = host;
    const last = this.#last.get(host);
    if (last?.start === start && seq <= last.seq)
      throw new HubRefusal('session', 'A later message about alerts has come before this one');
    this.#last.set(host, { start, seq });
  }
}
