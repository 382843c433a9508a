/** The test kit for plugin authors (`healthd/testing`). Works with any test runner: it only returns values and throws. */
import { nanoseconds, signalWith, sleepWith, type Clock } from './core/clock.ts';
import { toError } from './core/errors.ts';
import { testNotifications } from './alerts/test-notifications.ts';
import { createAccumulator } from './gather/accumulator.ts';
import { checkFlushed, checkProcessed } from './gather/check-processed.ts';
import { Mistakes } from './gather/mistakes.ts';
import { pluginContext, type ContextOptions } from './host/context.ts';
import { createInstance } from './host/create-instance.ts';
import { LineBatch } from './metric/batch.ts';
import { LineEncoder } from './metric/line-protocol.ts';
import type { Metric } from './metric/metric.ts';
import type {
  Input,
  InputPlugin,
  MetricCatalog,
  Notification,
  Notifier,
  NotifierPlugin,
  Output,
  OutputPlugin,
  Plugin,
  PluginContext,
  Processor,
  ProcessorPlugin,
  StreamInput,
  z,
} from './plugin/index.ts';

export { silentLog } from './core/logger.ts';

export interface TestSettings extends Omit<ContextOptions, 'describe'> {
  /** Value of the `host` tag. Default: `test`. */
  readonly hostname?: string;
  /** What `describe` knows. Default: nothing. */
  readonly metrics?: MetricCatalog;
}

/** The result of one gather. */
export interface Gathered {
  readonly metrics: readonly Metric[];
  /**
   * Errors that the plugin passed to `acc.error` or that `gather` threw, and what the agent only warns of: points against the
   * catalog, such as NaN, text in a number field, and undeclared names.
   */
  readonly errors: readonly Error[];
}

/** An input made from raw options, as the host makes it. */
export interface TestInput {
  readonly input: Input;
  /** Gathers once, with a deadline of 30 s. @param time nanoseconds since the Unix epoch; default: now */
  gather(time?: bigint): Promise<Gathered>;
  stop(): Promise<void>;
}

/** A clock that stands still until `advance`, which runs the timers that become due, in the order of their time. */
export function manualClock(start = 1_700_000_000_000): Clock & { advance(ms: number): void } {
  let now = start;
  const waiting = new Set<{ readonly due: number; readonly callback: () => void }>();
  const after = (ms: number, callback: () => void) => {
    const timer = { due: now + ms, callback };
    waiting.add(timer);
    return () => {
      waiting.delete(timer);
    };
  };
  return {
    now: () => now,
    elapsed: () => now - start,
    after,
    sleep: (ms, signal) => sleepWith(after, ms, signal),
    signal: (ms) => signalWith(after, ms),
    advance(ms) {
      now += ms;
      for (const timer of [...waiting].sort((a, b) => a.due - b.due)) {
        if (timer.due <= now && waiting.delete(timer)) timer.callback();
      }
    },
  };
}

/** The context of a plugin on this machine, or on the one that the settings describe. `close` releases its descriptors. */
export function testContext(settings: TestSettings = {}): PluginContext & { close(): void } {
  const { hostname = 'test', metrics, ...given } = settings;
  const context = pluginContext({ ...given, hostname, describe: (measurement) => metrics?.[measurement] });
  return { ...context, close: context.host.close };
}

/**
 * Makes an input as the host does: parses the options with the schema, and points with the catalog.
 *
 * @throws the schema's error for invalid options
 */
export async function testInput<Schema extends z.ZodType, Catalog extends MetricCatalog>(
  plugin: InputPlugin<Schema, Catalog>,
  options: z.input<Schema>,
  settings: TestSettings = {},
): Promise<TestInput> {
  const { context, instance: input } = await make(plugin, options, settings);
  if (!isGatherer(input)) throw new Error(`${plugin.name} is a stream input; call run() on it`);
  return {
    input: input,
    async gather(time = nanoseconds(context.clock.now())) {
      const metrics: Metric[] = [];
      const errors: Error[] = [];
      const onError = (error: unknown) => errors.push(toError(error));
      const acc = createAccumulator(
        {
          metrics: plugin.metrics,
          entryTags: {},
          globalTags: () => ({ host: context.host.hostname }),
          onMetric: (metric) => metrics.push(metric),
          onError,
          mistakes: new Mistakes(onError),
        },
        () => time,
      );
      try {
        await input.gather(acc, context.clock.signal(30_000));
      } catch (error) {
        onError(error);
      }
      return { metrics, errors };
    },
    async stop() {
      await input.stop?.();
      context.close();
    },
  };
}

/** A processor made from raw options, as the host makes it. */
export interface TestProcessor {
  readonly processor: Processor;
  /** @returns what replaces the metric; none if it is dropped. @throws for what is no metric, which the agent only logs */
  process(metric: Metric): readonly Metric[];
  /** @param now milliseconds since the Unix epoch; default: the clock's. @param final as at a stop; default: false */
  flush(now?: number, final?: boolean): readonly Metric[];
  stop(): Promise<void>;
}

/** @throws the schema's error for invalid options */
export async function testProcessor<Schema extends z.ZodType>(
  plugin: ProcessorPlugin<Schema>,
  options: z.input<Schema>,
  settings: TestSettings = {},
): Promise<TestProcessor> {
  const { context, instance: processor, stop } = await make(plugin, options, settings);
  return {
    processor,
    process(metric) {
      const result = processor.process(metric);
      checkProcessed(result);
      return result === undefined ? [] : [result].flat();
    },
    flush(now = context.clock.now(), final = false) {
      const result = processor.flush?.(now, final) ?? [];
      checkFlushed(result);
      return result;
    },
    stop,
  };
}

/** An output made from raw options, as the host makes it. */
export interface TestOutput {
  readonly output: Output;
  /** Writes the metrics as one batch, with a deadline of 30 s; rejects with the error that would decide about it. */
  write(metrics: readonly Metric[]): Promise<void>;
  stop(): Promise<void>;
}

/** @throws the schema's error for invalid options */
export async function testOutput<Schema extends z.ZodType>(
  plugin: OutputPlugin<Schema>,
  options: z.input<Schema>,
  settings: TestSettings = {},
): Promise<TestOutput> {
  const { context, instance: output, stop } = await make(plugin, options, settings);
  return {
    output,
    async write(metrics) {
      const encoder = new LineEncoder();
      for (const metric of metrics) encoder.add(metric);
      await output.write(new LineBatch(encoder.take(), metrics.length), context.clock.signal(30_000));
    },
    stop,
  };
}

/** A notifier made from raw options, as the host makes it. */
export interface TestNotifier {
  readonly notifier: Notifier;
  /** The notifications of `healthd notify test`: the same alert, firing and resolved. Change what a test needs. */
  readonly firing: Notification;
  readonly resolved: Notification;
  /** Sends one, with a deadline of 10 s; rejects with the error that would decide about it. Default: `firing` */
  notify(notification?: Notification): Promise<void>;
  stop(): Promise<void>;
}

/** @throws the schema's error for invalid options */
export async function testNotifier<Schema extends z.ZodType>(
  plugin: NotifierPlugin<Schema>,
  options: z.input<Schema>,
  settings: TestSettings = {},
): Promise<TestNotifier> {
  const { context, instance: notifier, stop } = await make(plugin, options, settings);
  const sample = {
    receiver: plugin.name,
    host: context.host.hostname,
    now: context.clock.now(),
    id: '0123456789abcdef',
  };
  const [firing, resolved] = testNotifications({ ...sample, timeZone: 'UTC' });
  return {
    notifier,
    firing,
    resolved,
    async notify(notification = firing) {
      await notifier.notify(notification, context.clock.signal(10_000));
    },
    stop,
  };
}

async function make<P extends Plugin>(plugin: P, options: unknown, settings: TestSettings) {
  const context = testContext(settings);
  const instance = await createInstance({ plugin, options: plugin.config.parse(options) }, context);
  const stop = async () => {
    if ('stop' in instance) await instance.stop();
    context.close();
  };
  return { context, instance, stop };
}

function isGatherer<Catalog extends MetricCatalog>(
  input: Input<Catalog> | StreamInput<Catalog>,
): input is Input<Catalog> {
  return 'gather' in input;
}
