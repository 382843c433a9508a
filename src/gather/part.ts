/** Inputs and processors as a part of the agent. */
import { pause, type Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { prepareAll, type Part, type PartStatus, type Prepared } from '../core/part.ts';
import type { OpenContext } from '../host/context.ts';
import { CounterTable } from '../host/counters.ts';
import type { PluginEntry } from '../host/entry.ts';
import { Instances } from '../host/instances.ts';
import type { Metric, Tags } from '../metric/metric.ts';
import type { ContextTable, Plugin } from '../plugin/index.ts';

import { noGathers } from './counters.ts';
import type { InputEntry, ProcessorEntry } from './entry.ts';
import type { InputStatus } from './input-status.ts';
import { InputRunner } from './input-runner.ts';
import { LiveView, type LiveViewOptions } from './live-view.ts';
import type { LiveSource } from './live.ts';
import { Pipeline } from './pipeline.ts';
import { Stage } from './stage.ts';
import { Timetable } from './timetable.ts';
import { createTurns, type TakeTurn } from './turns.ts';

export interface GatherSection {
  readonly inputs: readonly InputEntry[];
  readonly processors: readonly ProcessorEntry[];
  /** `host` and the tags of the configuration. */
  readonly globalTags: Tags;
}

export interface GatherOptions {
  readonly contextOf: (entry: PluginEntry<Plugin>) => OpenContext;
  /** Sees each metric that has passed all processors. See `PipelineOptions`. */
  readonly observe: (metric: Metric, input?: string) => void;
  /** Takes encoded lines. */
  readonly append: (lines: Uint8Array, size: number) => void;
  /** Inputs have no schedule; only `gatherOnce` gathers. */
  readonly once: boolean;
  /** For the live view. */
  readonly findInput?: LiveViewOptions['findInput'] | undefined;
  readonly openProcesses?: LiveViewOptions['openProcesses'] | undefined;
  /** How long a replaced plugin may take to stop. Milliseconds. */
  readonly stopTimeout: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** When processors with windows release what is due. */
const FLUSH = { interval: 1000, jitter: 0, offset: 0 };

export class GatherPart implements Part<GatherSection> {
  readonly name = 'gather';
  readonly counters = new CounterTable(noGathers);
  readonly #options: GatherOptions;
  readonly #pipeline: Pipeline;
  readonly #inputs: Instances<InputEntry, InputRunner>;
  readonly #processors: Instances<ProcessorEntry, Stage>;
  readonly #live: LiveView;
  readonly #timetable: Timetable;
  readonly #takeTurn: TakeTurn;
  #globalTags: Tags = {};
  #endFlushing: () => void = () => undefined;
  /** Discards points: this gather only primes the inputs' counters. */
  #isPriming = false;

  constructor(options: GatherOptions) {
    const { contextOf, stopTimeout, clock, random, log } = options;
    this.#options = options;
    this.#timetable = new Timetable(clock, random);
    this.#takeTurn = createTurns(() => clock.elapsed());
    this.#pipeline = new Pipeline({ ...options, takeTurn: this.#takeTurn });
    this.#live = new LiveView({
      ...options,
      findInput: options.findInput,
      openProcesses: options.openProcesses,
      globalTags: () => this.#globalTags,
      timetable: this.#timetable,
      takeTurn: this.#takeTurn,
    });
    const shared = { clock, log, stopTimeout };
    this.#inputs = new Instances({
      ...shared,
      name: 'inputs',
      open: (entry) => this.#openInput(entry),
      onReleased: ({ alias }) => {
        this.counters.remove(alias);
      },
    });
    this.#processors = new Instances({
      ...shared,
      name: 'processors',
      open: (entry) => Stage.create(entry, contextOf(entry)),
    });
  }

  /** What is gathered each second while somebody looks. */
  get live(): LiveSource {
    return this.#live;
  }

  async prepare(next: GatherSection, signal: AbortSignal): Promise<Prepared> {
    let stages: readonly Stage[] = [];
    const plugins = await prepareAll([
      async () => {
        const prepared = await this.#processors.prepare(next.processors, signal);
        stages = prepared.next;
        return prepared;
      },
      () => this.#inputs.prepare(next.inputs, signal),
    ]);
    return {
      use: async () => {
        this.#globalTags = next.globalTags;
        this.#pipeline.use(stages);
        await plugins.use();
        await this.#firstGathers();
        this.#flushRegularly(stages);
        this.#live.use(next.inputs);
      },
      discard: plugins.discard,
    };
  }

  /** What the inputs know of the object of an alert on this measurement. */
  async explain(measurement: string, tags: Tags, signal: AbortSignal): Promise<readonly ContextTable[]> {
    const told = await Promise.all(this.#inputs.running.map((input) => input.explain(measurement, tags, signal)));
    return told.flat();
  }

  /** In the order of the configuration. */
  inputs(): readonly InputStatus[] {
    return this.#inputs.running.map(({ status }) => status);
  }

  status(): readonly PartStatus[] {
    return this.counters.snapshot('internal_gather');
  }

  /** A metric that an agent of another host has made: it has its tags already. @param source instead of the alias of an input */
  pass(metric: Metric, source: string): void {
    this.#pipeline.push(metric, source);
  }

  /** Hands what inputs have added to the journal. */
  commit(): void {
    this.#pipeline.commit();
  }

  /**
   * Gathers every input twice, so that rates are known, and passes on the points of the second gather.
   *
   * @param between milliseconds between the two
   * @returns aliases of the inputs that failed
   */
  async gatherOnce(between: number, signal: AbortSignal): Promise<readonly string[]> {
    const inputs = this.#inputs.running;
    this.#isPriming = true;
    await Promise.all(inputs.map((input) => input.gatherNow()));
    await pause(this.#options.clock, between, signal);
    this.#isPriming = false;
    const succeeded = await Promise.all(inputs.map((input) => input.gatherNow()));
    return inputs.filter((_, index) => succeeded[index] === false).map(({ entry }) => entry.alias);
  }

  /** Its processors release what they hold back and are taken out of the pipeline. */
  async stopModule(file: string): Promise<readonly string[]> {
    this.#pipeline.use(this.#processors.running.filter(({ entry }) => entry.file !== file));
    const stopped = await Promise.all([this.#processors.stopModule(file), this.#inputs.stopModule(file)]);
    return stopped.flat();
  }

  /** Inputs end, then processors release what they hold back. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#endFlushing();
    await Promise.all([this.#inputs.stop(signal), this.#live.stop(signal)]);
    this.#pipeline.flush(this.#options.clock.now(), true);
    await this.#processors.stop(signal);
  }

  #openInput(entry: InputEntry): Promise<InputRunner> {
    const { contextOf, once, random } = this.#options;
    return InputRunner.create({
      entry,
      context: contextOf(entry),
      isScheduled: !once,
      globalTags: () => this.#globalTags,
      counters: this.counters.entry(entry.alias, { input: entry.plugin.name }),
      push: (metric) => {
        if (!this.#isPriming) this.#pipeline.push(metric, entry.alias);
      },
      random,
      timetable: this.#timetable,
      takeTurn: this.#takeTurn,
    });
  }

  /** Resolves when the first gathers have begun, and those that wait for nothing have ended. */
  #firstGathers(): Promise<void> {
    return new Promise((resolve) => {
      this.#takeTurn(resolve);
    });
  }

  #flushRegularly(stages: readonly Stage[]): void {
    const { clock } = this.#options;
    this.#endFlushing();
    if (!stages.some((stage) => stage.hasFlush)) return;
    this.#endFlushing = this.#timetable.start(FLUSH, () => {
      this.#pipeline.flush(clock.now(), false);
    });
  }
}
