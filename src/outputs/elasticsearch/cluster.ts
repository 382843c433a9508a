/** The nodes of one cluster. One of them is used until it does not answer; then the next one is. */
import { describeError, type HttpAnswer, type Logger } from '../../plugin/index.ts';
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
    const failures: string[] = [];
    for (;;) {
      const node = this.#nodes[this.#current] ?? this.#nodes[0];
      try {
        const answer = await answerOf(node, request, signal);
        if (failures.length > 0) {
          this.#log.warn('Another node is used from now on', { url: node.where, because: failures.join('; ') });
        }
        return answer;
      } catch (error) {
        // Also after an abort: a node that never answers must not use up the time of every attempt.
        this.#current = (this.#current + 1) % this.#nodes.length;
        failures.push(describeError(error));
        if (failures.length === this.#nodes.length || signal.aborted) throw error;
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
