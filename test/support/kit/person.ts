/** What one receiver of notifications believes, from the messages that it has accepted. */
import { expect } from '@jest/globals';

import type { AlertLevel, AlertView, ChangeKind, Notification } from '../../../src/plugin/notification.ts';

/** One alert in a message. Those of "and n more" have no id that the receiver sees. */
interface Said {
  readonly fingerprint: string;
  readonly kind: ChangeKind;
  readonly level: AlertLevel;
  readonly id?: string;
}

export class Person {
  readonly firing = new Map<string, AlertLevel>();
  /** The sender does not know whether the last word about these arrived. */
  readonly unsure = new Set<string>();
  /** Id of a word → what it said. */
  readonly #seen = new Map<string, string>();
  /** Listed in a message, and not only counted. */
  readonly #listed = new Set<string>();

  /**
   * @param counted alerts of "and n more"
   * @throws if the promise is broken
   */
  hear({ receiver, alerts }: Notification, counted: readonly Omit<Said, 'id'>[] = []): void {
    const silent = counted.map(({ fingerprint, kind, level }) => ({ fingerprint, kind, level }));
    for (const said of [...alerts.map(saidOf), ...silent]) {
      if (this.#isKnown(said)) continue;
      const fault = this.#take(said);
      if (fault !== undefined) throw new Error(`${receiver} ${fault}`);
      this.unsure.delete(said.fingerprint);
    }
  }

  #isKnown({ id, fingerprint, kind, level }: Said): boolean {
    if (id === undefined) return false;
    const content = `${fingerprint} ${kind} ${level}`;
    const known = this.#seen.get(id);
    if (known !== undefined) expect(known).toBe(content);
    this.#seen.set(id, content);
    return known !== undefined;
  }

  #take({ id, fingerprint, kind, level }: Said): string | undefined {
    const believed = this.firing.has(fingerprint);
    const isUnsure = this.unsure.has(fingerprint);
    if (kind === 'ended') {
      const wasListed = this.#listed.delete(fingerprint);
      this.firing.delete(fingerprint);
      if (id === undefined && wasListed) return `heard of ${fingerprint} by name, but not of its end`;
      return believed || isUnsure ? undefined : `hears the end of ${fingerprint}, of which it never heard`;
    }
    if (kind === 'missed') {
      return believed ? `hears that it missed ${fingerprint}, but it knows of it` : undefined;
    }
    if (kind === 'fired' && believed && !isUnsure) return `hears twice that ${fingerprint} fires`;
    this.firing.set(fingerprint, level);
    if (id !== undefined) this.#listed.add(fingerprint);
    return undefined;
  }
}

function saidOf({ fingerprint, change, level }: AlertView): Said {
  if (change === undefined) throw new Error('An alert without its change');
  return { fingerprint, kind: change.kind, id: change.id, level };
}
