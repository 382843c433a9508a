/** Gathers on this machine, without an agent. */
import { nanoseconds, pause, type Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import { createAccumulator } from '../../gather/accumulator.ts';
import { pluginContext, type OpenContext } from '../../host/context.ts';
import { createInstance } from '../../host/create-instance.ts';
import type { HostEnvironment } from '../../host/machine.ts';
import type { ProcessFrame } from '../../host/processes/frame.ts';
import type { Input, InputPlugin } from '../../plugin/index.ts';

import { pointOf, type Point } from './point.ts';
import type { SourceListener, TopSource } from './source.ts';

export interface GatheredInput {
  readonly plugin: InputPlugin;
  /** As its schema made them. */
  readonly options: unknown;
  /** Shortest time between two gathers, ms. */
  readonly every: number;
}

export interface GatheringOptions {
  readonly inputs: readonly GatheredInput[];
  /** Reads the processes of this machine; undefined where nothing is known of them yet. */
  readonly processes: { capture(): ProcessFrame | undefined; close(): void };
  readonly interval: number;
  readonly environment: HostEnvironment;
  readonly clock: Clock;
}

/** What has not answered by then comes with the next sample. */
const WAIT_MS = 150;
const DEADLINE_MS = 10_000;
/** Processes are dearer than all else, and a list that jumps each second cannot be read. */
const PROCESSES_MS = 2000;
/** Between the first two samples, so that rates are there soon. */
const FIRST_INTERVAL_MS = 500;

export function gatheringSource(options: GatheringOptions): TopSource {
  return {
    origin: 'no agent',
    isPast: false,
    hasFindings: false,
    run: (listener, signal) => run(options, listener, signal),
  };
}

async function run(options: GatheringOptions, listener: SourceListener, signal: AbortSignal): Promise<void> {
  const { clock, interval, processes } = options;
  const inputs: RunningInput[] = [];
  try {
    for (const input of options.inputs) inputs.push(await RunningInput.open(input, options));
    let processesAt = -Infinity;
    let hasProcesses = false;
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      const started = clock.elapsed();
      const at = clock.now();
      const work = Promise.all(inputs.map((input) => input.gather(at, signal)));
      await Promise.race([work, pause(clock, WAIT_MS, signal)]);
      listener.onSamples([{ at, points: inputs.flatMap((input) => input.points) }]);
      listener.onTrouble(inputs.find(({ trouble }) => trouble !== '')?.trouble ?? '');
      if (started - processesAt >= PROCESSES_MS - WAIT_MS || !hasProcesses) {
        processesAt = started;
        const frame = processes.capture();
        hasProcesses = frame !== undefined;
        if (frame !== undefined) listener.onProcesses(frame);
      }
      const wait = isFirst ? Math.min(FIRST_INTERVAL_MS, interval) : interval;
      await pause(clock, Math.max(0, wait - (clock.elapsed() - started)), signal);
    }
  } finally {
    for (const input of inputs) await input.close();
    processes.close();
  }
}

/** An input with the points of its last gather. */
class RunningInput {
  readonly #given: GatheredInput;
  readonly #context: OpenContext;
  readonly #input: Input;
  points: readonly Point[] = [];
  trouble = '';
  #isBusy = false;
  #dueAt = 0;

  private constructor(given: GatheredInput, context: OpenContext, input: Input) {
    this.#given = given;
    this.#context = context;
    this.#input = input;
  }

  /** @throws if its options cannot be used */
  static async open(given: GatheredInput, { environment, clock }: GatheringOptions): Promise<RunningInput> {
    const context = pluginContext({ environment, clock });
    try {
      const input = await createInstance(given, context);
      if (!('gather' in input)) throw new TypeError(`The input ${given.plugin.name} cannot be gathered`);
      return new RunningInput(given, context, input);
    } catch (error) {
      context.host.close();
      throw error;
    }
  }

  /** Never throws; a gather that still runs is not started again. */
  async gather(at: number, signal: AbortSignal): Promise<void> {
    const { plugin, every } = this.#given;
    const { clock } = this.#context;
    // A little early counts: timers are not exact.
    if (this.#isBusy || clock.elapsed() < this.#dueAt - WAIT_MS) return;
    this.#isBusy = true;
    this.#dueAt = clock.elapsed() + every;
    const points: Point[] = [];
    let trouble = '';
    const onError = (error: unknown) => {
      trouble = `${plugin.name}: ${describeError(error)}`;
    };
    const time = nanoseconds(at);
    const accumulator = createAccumulator(
      {
        metrics: plugin.metrics,
        entryTags: {},
        globalTags: () => ({}),
        onMetric: (metric) => points.push(pointOf(metric)),
        onError,
      },
      () => time,
    );
    try {
      await this.#input.gather(accumulator, AbortSignal.any([signal, clock.signal(DEADLINE_MS)]));
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
    this.#isBusy = false;
    this.points = points;
    this.trouble = trouble;
  }

  async close(): Promise<void> {
    await this.#input.stop?.();
    this.#context.host.close();
  }
}
