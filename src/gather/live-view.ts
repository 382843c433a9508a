/** The live view as the gather part offers it. Nothing is loaded, and nothing runs, before the first viewer. */
import { isDeepStrictEqual } from 'node:util';

import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ProcessCapture } from '../host/processes/capture.ts';
import { LIVE_TOP } from '../host/processes/top.ts';
import type { ProcessFrame } from '../host/processes/frame.ts';

import type { InputEntry } from './entry.ts';
import { isLive, liveEntries, type FindInput } from './live-inputs.ts';
import { LiveRing } from './live-ring.ts';
import { LiveSession, type LiveSessionOptions } from './live-session.ts';
import type { LiveListener, LivePoints, LiveSource } from './live.ts';

export interface LiveViewOptions extends Omit<LiveSessionOptions, 'onPoints' | 'onSecond'> {
  /** Undefined: only configured inputs are gathered. */
  readonly findInput: FindInput | undefined;
  /** Called for each session. Undefined: there are no frames. */
  readonly openProcesses: ((top: number) => Pick<ProcessCapture, 'captureInSlices' | 'close'>) | undefined;
  /** How long inputs may take to stop. Milliseconds. */
  readonly stopTimeout: () => number;
}

/** How long it goes on without a viewer, as while a page is loaded again. */
const LINGER_MS = 10_000;
const RING = { ms: 5 * 60_000, bytes: 32 * 1024 * 1024 };
const PROCESSES_EVERY_MS = 2000;

type Processes = ReturnType<NonNullable<LiveViewOptions['openProcesses']>>;

interface Running {
  readonly session: LiveSession;
  readonly frames: Frames | undefined;
  readonly ring: LiveRing;
}

export class LiveView implements LiveSource {
  readonly #options: LiveViewOptions;
  readonly #listeners = new Set<LiveListener>();
  #configured: readonly InputEntry[] = [];
  #running: Running | undefined;
  /** Of sessions that have ended. */
  #stopping: Promise<void> = Promise.resolve();
  #cancelEnd: () => void = () => undefined;

  constructor(options: LiveViewOptions) {
    this.#options = options;
  }

  recent(after: number): readonly LivePoints[] {
    return this.#running?.ring.after(after) ?? [];
  }

  watch(listener: LiveListener): () => void {
    // Two viewers may be one function.
    const viewer: LiveListener = {
      onPoints: (points) => {
        listener.onPoints(points);
      },
      onProcesses: (frame) => {
        listener.onProcesses(frame);
      },
    };
    this.#listeners.add(viewer);
    this.#cancelEnd();
    this.#running ??= this.#start(new LiveRing(RING));
    return () => {
      if (!this.#listeners.delete(viewer) || this.#listeners.size > 0) return;
      this.#cancelEnd = this.#options.clock.after(LINGER_MS, () => {
        this.#end();
      });
    };
  }

  /** Takes the inputs of a configuration. What is watched goes on, with other inputs if those have changed. */
  use(inputs: readonly InputEntry[]): void {
    const next = inputs.filter(isLive);
    const isSame = isDeepStrictEqual(fingerprints(next), fingerprints(this.#configured));
    this.#configured = next;
    const running = this.#running;
    if (isSame || running === undefined) return;
    this.#end();
    this.#running = this.#start(running.ring);
  }

  /** Never throws. @param signal aborts the wait for gathers that still run */
  async stop(signal: AbortSignal): Promise<void> {
    this.#listeners.clear();
    this.#cancelEnd();
    this.#end(signal);
    await this.#stopping;
  }

  #start(ring: LiveRing): Running {
    const { log, findInput, openProcesses } = this.#options;
    const frames = openProcesses && new Frames(openProcesses(LIVE_TOP), log);
    const session = new LiveSession({
      ...this.#options,
      onPoints: (points) => {
        ring.add(points);
        for (const listener of this.#listeners) listener.onPoints(points);
      },
      onSecond: (at) => {
        if (at % PROCESSES_EVERY_MS < 1000) void frames?.next(onFrame);
      },
    });
    const onFrame = (frame: ProcessFrame) => {
      for (const listener of this.#listeners) listener.onProcesses(frame);
    };
    void liveEntries(this.#configured, findInput, log)
      .then((entries) => session.start(entries))
      .catch((error: unknown) => {
        log.debug(`Live view: ${describeError(error)}`);
      });
    return { session, frames, ring };
  }

  #end(signal = this.#options.clock.signal(this.#options.stopTimeout())): void {
    const ended = this.#running?.session.stop(signal);
    const closed = this.#running?.frames?.stop();
    this.#running = undefined;
    this.#stopping = Promise.all([this.#stopping, ended, closed]).then(() => undefined);
  }
}

function fingerprints(entries: readonly InputEntry[]): readonly string[] {
  return entries.map(({ fingerprint }) => fingerprint);
}

/** A capture that takes long is not begun a second time. */
class Frames {
  readonly #processes: Processes;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #capturing: Promise<void> | undefined;

  constructor(processes: Processes, log: Logger) {
    this.#processes = processes;
    this.#log = log;
  }

  async next(onFrame: (frame: ProcessFrame) => void): Promise<void> {
    this.#capturing ??= this.#capture(onFrame).finally(() => {
      this.#capturing = undefined;
    });
    await this.#capturing;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#capturing;
    this.#processes.close();
  }

  async #capture(onFrame: (frame: ProcessFrame) => void): Promise<void> {
    const { signal } = this.#stopped;
    try {
      const frame = await this.#processes.captureInSlices(signal);
      if (frame !== undefined && !signal.aborted) onFrame(frame);
    } catch (error) {
      if (!signal.aborted) this.#log.debug(`Live view of processes: ${describeError(error)}`);
    }
  }
}
