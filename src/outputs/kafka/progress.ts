/**
 * What became of each message of a batch. The host sends a batch again as a whole; the outcomes of an attempt that failed are
 * kept, so that the next one sends only the rest.
 */
import { createHash } from 'node:crypto';

import type { Message } from '../broker-messages.ts';

/** One attempt to write a batch. */
export class Attempt {
  /** Undefined: stored; a text: refused for good, and why. */
  readonly outcomes = new Map<Message, string | undefined>();
  readonly #messages: readonly Message[];

  constructor(messages: readonly Message[]) {
    this.#messages = messages;
  }

  /** The messages without an outcome, in the order of the batch. */
  get open(): readonly Message[] {
    if (this.outcomes.size === 0) return this.#messages;
    return this.#messages.filter((message) => !this.outcomes.has(message));
  }

  get refusals(): readonly { readonly message: Message; readonly reason: string }[] {
    return [...this.outcomes].flatMap(([message, reason]) => (reason === undefined ? [] : [{ message, reason }]));
  }
}

/** Beyond this, outcomes are forgotten; messages are then sent twice. */
const MAX_KEPT = 100_000;

export class Progress {
  readonly #kept = new Map<string, string | undefined>();

  /** Begins with the outcomes that are known from attempts that failed. */
  begin(messages: readonly Message[]): Attempt {
    const attempt = new Attempt(messages);
    if (this.#kept.size === 0) return attempt;
    for (const [id, message] of identified(messages)) {
      if (this.#kept.has(id)) attempt.outcomes.set(message, this.#kept.get(id));
    }
    return attempt;
  }

  /** After an attempt that failed. */
  keep(messages: readonly Message[], { outcomes }: Attempt): void {
    if (this.#kept.size > MAX_KEPT) this.#kept.clear();
    if (outcomes.size === 0) return;
    for (const [id, message] of identified(messages)) {
      if (outcomes.has(message)) this.#kept.set(id, outcomes.get(message));
    }
  }

  /** After an attempt that succeeded. */
  forget(): void {
    this.#kept.clear();
  }
}

/** The number of a message among its equals is part of its id. */
function* identified(messages: readonly Message[]): Generator<readonly [id: string, message: Message]> {
  const seen = new Map<string, number>();
  for (const message of messages) {
    const hash = createHash('sha256').update(`${message.topic}\n`).update(message.payload).digest('base64');
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    yield [`${hash} ${count}`, message];
  }
}
