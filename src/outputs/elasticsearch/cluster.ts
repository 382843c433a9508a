/** The nodes of one cluster. One of them is used until it does not answer; then the next one is. */
import { describeError, type HttpAnswer, type Logger } from '../../plugin.ts';
import type { HttpDestination, SentRequest } from '../http-destination.ts';

export interface ClusterAnswer extends HttpAnswer {
  /** Who gave it. */
  readonly node: HttpDestination;
}

/** What a proxy says when the node behind it is not there, and a node that belongs to no cluster now. */
const ABSENT = new Set([502, 503, 504]);

export class Cluster {
  readonly #nodes: readonly [HttpDestination, ...HttpDestination[]];
  readonly #log: Logger;
  #current = 0;

  constructor(nodes: readonly [HttpDestination, ...HttpDestination[]], log: Logger) {
    this.#nodes = nodes;
    this.#log = log;
  }

  /** @throws RetryableError if no node answers: what the last one came to */
  async send(request: SentRequest, signal: AbortSignal): Promise<ClusterAnswer> {
    for (let left = this.#nodes.length - 1; ; left -= 1) {
      const node = this.#nodes[this.#current] ?? this.#nodes[0];
      try {
        return await answerOf(node, request, signal);
      } catch (error) {
        // Also after an abort: a node that never answers must not use up the time of every attempt.
        this.#current = (this.#current + 1) % this.#nodes.length;
        if (left === 0 || signal.aborted) throw error;
        this.#log.warn('A node does not answer; the next one is used', { because: describeError(error) });
      }
    }
  }
}

async function answerOf(node: HttpDestination, request: SentRequest, signal: AbortSignal): Promise<ClusterAnswer> {
  const answer = await node.send(request, signal);
  const failure = ABSENT.has(answer.status) ? node.refusal(answer) : undefined;
  if (failure !== undefined) throw failure;
  return { ...answer, node };
}

/** @returns undefined for what is not JSON */
export function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
