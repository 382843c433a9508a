/** The test kit for plugin authors (`healthd/testing`). Works with any test runner: it only returns values and throws. */
import { nanoseconds, signalWith, sleepWith, type Clock } from './core/clock.ts';
import { toError } from './core/errors.ts';
import { createAccumulator } from './gather/accumulator.ts';
import { Mistakes } from './gather/mistakes.ts';
import { pluginContext, type ContextOptions } from './host/context.ts';
import type { Metric } from './metric/metric.ts';
import type { Input, InputPlugin, MetricCatalog, PluginContext, StreamInput, z } from './plugin/index.ts';

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
  const context = testContext(settings);
  const input = await plugin.create(plugin.config.parse(options), context);
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

function isGatherer<Catalog extends MetricCatalog>(
  input: Input<Catalog> | StreamInput<Catalog>,
): input is Input<Catalog> {
  return 'gather' in input;
}
