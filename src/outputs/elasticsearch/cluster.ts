/** The nodes of one cluster. One node is used until it fails to respond; then the next one takes over. */
import { describeError, type HttpAnswer, type Logger } from '../../plugin/index.ts';
import type { HttpDestination, SentRequest } from '../http-destination.ts';

export interface ClusterAnswer extends HttpAnswer {
  /** The node that responded. */
  readonly node: HttpDestination;
}

/** From a proxy whose node is down, and from a node that has no cluster. */
const NODE_DOWN = new Set([502, 503, 504]);

export class Cluster {
  readonly #nodes: readonly [HttpDestination, ...HttpDestination[]];
  readonly #log: Logger;
  #current = 0;

  constructor(nodes: readonly [HttpDestination, ...HttpDestination[]], log: Logger) {
    this.#nodes = nodes;
    this.#log = log;
  }

  /** @throws RetryableError of the last node if none responds */
  async send(request: SentRequest, signal: AbortSignal): Promise<ClusterAnswer> {
    const failures: string[] = [];
    for (;;) {
      const node = this.#nodes[this.#current] ?? this.#nodes[0];
      try {
        const answer = await answerOf(node, request, signal);
        if (failures.length > 0) {
          this.#log.warn('Failed over to another node', { url: node.where, because: failures.join('; ') });
        }
        return answer;
      } catch (error) {
        // Also after an abort: a node that never responds must not use up the deadline of every attempt.
        this.#current = (this.#current + 1) % this.#nodes.length;
        failures.push(describeError(error));
        if (failures.length === this.#nodes.length || signal.aborted) throw error;
      }
    }
  }
}

async function answerOf(node: HttpDestination, request: SentRequest, signal: AbortSignal): Promise<ClusterAnswer> {
  const answer = await node.send(request, signal);
  const failure = NODE_DOWN.has(answer.status) ? node.refusal(answer) : undefined;
  if (failure !== undefined) throw failure;
  return { ...answer, node };
}
