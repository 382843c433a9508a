/** Shows what a running agent sees, by the live stream of its API. */
import { findingsAnswer, hostsAnswer, processesAnswer, type Finding, type ProcessesAnswer } from '../../api/host.ts';
import { liveSample, liveSeries } from '../../api/stream.ts';
import { pause, type Clock } from '../../core/clock.ts';
import { ConfigError, describeError } from '../../core/errors.ts';
import { jsonOf } from '../../core/json.ts';
import type { ProcessFrame } from '../../host/processes/frame.ts';
import { ControlError, type ControlClient } from '../../server/client.ts';
import type { ServerEvent } from '../../server/event-stream.ts';

import { actsOf } from './acts.ts';
import { Columns } from './columns.ts';
import type { Sample } from './point.ts';
import type { Problem, Problems } from './problem.ts';
import type { SourceListener, TopSource } from './source.ts';

export interface AttachOptions {
  readonly client: ControlClient;
  /** ms; the agent sends a sample each second. */
  readonly interval: number;
  /** Who acknowledges and silences. */
  readonly by: string;
  readonly clock: Clock;
}

const RETRY_MS = 2000;
const PROBE_MS = 5000;
/** How much earlier than the interval a sample may come. */
const EARLY_MS = 300;

/** @returns undefined if no agent runs, or one that has no live stream */
export async function attachedSource(options: AttachOptions): Promise<TopSource | undefined> {
  const { client, by, clock } = options;
  try {
    const [host] = hostsAnswer.parse(await client.get('/api/v1/hosts')).hosts;
    if (!(await hasStream(client, clock))) return undefined;
    return {
      origin: host === undefined ? 'attached' : `agent ${host.agent.version}`,
      isPast: false,
      hasFindings: true,
      acts: actsOf(client, by, clock),
      run: (listener, signal) => new Stream(options, listener, host?.name).run(signal),
    };
  } catch (error) {
    if (error instanceof ConfigError || error instanceof ControlError) return undefined;
    throw error;
  }
}

/** Whether the stream is there and sends something. @throws ControlError if it is refused */
async function hasStream(client: ControlClient, clock: Clock): Promise<boolean> {
  const opened = new AbortController();
  const onEvents = () => {
    opened.abort();
  };
  const signal = AbortSignal.any([opened.signal, clock.signal(PROBE_MS)]);
  await client.stream(`/api/v1/stream?since=${clock.now()}`, onEvents, signal);
  return opened.signal.aborted;
}

class Stream {
  readonly #options: AttachOptions;
  readonly #listener: SourceListener;
  readonly #ownHost: string | undefined;
  #columns: Columns | undefined;
  /** Of the newest sample. */
  #lastAt = 0;

  constructor(options: AttachOptions, listener: SourceListener, ownHost: string | undefined) {
    this.#options = options;
    this.#listener = listener;
    this.#ownHost = ownHost;
  }

  /** An agent that restarts is found again. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    const onEvents = (events: readonly ServerEvent[]) => {
      this.#take(events);
    };
    while (!signal.aborted) {
      try {
        await client.stream(`/api/v1/stream?since=${this.#lastAt}`, onEvents, signal);
      } catch (error) {
        this.#listener.onTrouble(`The agent does not answer: ${describeError(error)}`);
      }
      await pause(clock, RETRY_MS, signal);
    }
  }

  #take(events: readonly ServerEvent[]): void {
    const samples: Sample[] = [];
    for (const { event, data } of events) {
      if (event === 'series') this.#columns = new Columns(liveSeries.parse(jsonOf(data)).names, this.#ownHost);
      else if (event === 'sample') samples.push(...this.#sampleOf(data));
      else if (event === 'processes') this.#takeProcesses(processesAnswer.parse(jsonOf(data)));
      else if (event === 'findings') this.#listener.onProblems(problemsOf(findingsAnswer.parse(jsonOf(data))));
    }
    if (samples.length === 0) return;
    this.#listener.onTrouble('');
    this.#listener.onSamples(samples);
  }

  #sampleOf(data: string): readonly Sample[] {
    const { at, values } = liveSample.parse(jsonOf(data));
    // A clock that was set back is no reason to wait.
    const isEarly = at >= this.#lastAt && at < this.#lastAt + this.#options.interval - EARLY_MS;
    if (this.#columns === undefined || isEarly) return [];
    this.#lastAt = at;
    return [this.#columns.sample(at, values)];
  }

  #takeProcesses(answer: ProcessesAnswer): void {
    const frame = frameOf(answer);
    if (frame !== undefined) this.#listener.onProcesses(frame);
  }
}

/** The API has null where a value is not known. */
export function frameOf({ at, total, processes }: ProcessesAnswer): ProcessFrame | undefined {
  if (at === null) return undefined;
  return {
    at,
    total,
    processes: processes.map(({ read, written, ...rest }) => ({
      ...rest,
      read: read ?? undefined,
      written: written ?? undefined,
    })),
  };
}

function problemsOf({ findings, fine }: { readonly findings: readonly Finding[]; readonly fine: number }): Problems {
  return { list: findings.map(problemOf), fine };
}

function problemOf({ id, level, sentence, evidence, since, alert }: Finding): Problem {
  const isSilenced = alert?.silencedUntil !== undefined;
  const isAcknowledged = alert?.acknowledgedBy !== undefined;
  return {
    id,
    level: isSilenced ? 'silenced' : isAcknowledged ? 'acknowledged' : level,
    text: sentence.map((part) => (typeof part === 'string' ? part : part.name)).join(''),
    evidence: isAcknowledged ? `acknowledged by ${alert.acknowledgedBy}` : evidence,
    since: since ?? undefined,
    ...(alert === undefined ? {} : { alert: { fingerprint: alert.fingerprint, rule: alert.rule } }),
  };
}
