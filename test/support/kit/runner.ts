/** Entries, contexts and a manual clock for tests of the host's runners. */
import { compileRouting } from '../../../src/alerts/audience/compile-routing.ts';
import { routingSchema } from '../../../src/alerts/audience/schema.ts';
import type { AlertSettings } from '../../../src/alerts/settings.ts';
import { FLAP_DEFAULTS } from '../../../src/alerts/state/flapping.ts';
import type { Config } from '../../../src/config/config.ts';
import type { OutputEntry } from '../../../src/deliver/entry.ts';
import type { InputEntry } from '../../../src/gather/entry.ts';
import { pluginContext } from '../../../src/host/context.ts';
import type { Input, InputPlugin, Logger, MetricCatalog, Output, StreamInput } from '../../../src/plugin/index.ts';
import { defineInput, defineOutput, z } from '../../../src/plugin/index.ts';
import type { manualClock } from '../../../src/testing.ts';
import { silentLog } from '../../../src/testing.ts';
import { settle } from './settle.ts';

export type ManualClock = ReturnType<typeof manualClock>;

export function inputEntry(
  instance: Partial<Input & StreamInput>,
  settings: Partial<InputEntry> = {},
  metrics: MetricCatalog = {},
): InputEntry {
  const plugin = defineInput({
    name: 'fake',
    summary: 'Made by a test',
    config: z.strictObject({}),
    metrics,
    create: () => instance as Input,
  }) as InputPlugin;
  const defaults = { interval: 10_000, jitter: 0, offset: 0, timeout: 10_000, tags: {}, filter: {}, options: {} };
  return { plugin, alias: 'fake', fingerprint: 'fake', ...defaults, ...settings };
}

export function outputEntry(instance: Output, settings: Partial<OutputEntry> = {}): OutputEntry {
  const plugin = defineOutput({
    name: 'fake_output',
    summary: 'Made by a test',
    config: z.strictObject({}),
    create: () => instance,
  });
  return {
    plugin,
    alias: 'fake_output',
    options: {},
    fingerprint: 'fake_output',
    filter: {},
    flush_interval: 10_000,
    flush_jitter: 0,
    batch_lines: 1000,
    batch_bytes: 1e6,
    timeout: 5000,
    from: 'end',
    catch_up: 'oldest_first',
    catch_up_rate: 1e9,
    ...settings,
  };
}

export function configOf(parts: Partial<Config> & { readonly state_dir: string }): Config {
  const { state_dir, ...rest } = parts;
  return {
    agent: {
      interval: 10_000,
      jitter: 0,
      offset: 0,
      hostname: 'test',
      omit_hostname: false,
      tags: {},
      flush_interval: 10_000,
      flush_jitter: 0,
      batch_lines: 1000,
      batch_bytes: 1e6,
      stop_timeout: 5000,
      state_dir,
    },
    server: false,
    hub: undefined,
    journal: { buffer: 'memory', sync: 'none', max_bytes: 1e8, max_age: 1e9, keep: 0, memory_bytes: 1e6 },
    history: false,
    log: { level: 'info', format: 'text', file: undefined },
    inputs: [],
    processors: [],
    outputs: [],
    notifiers: [],
    alerts: noAlerts(),
    files: [],
    fingerprints: {},
    ...rest,
  };
}

export function runnerContext(clock: ManualClock, log: Logger = silentLog) {
  return pluginContext({ log, clock, hostname: 'test' });
}

/** Advances the clock in steps and lets everything run in between. */
export async function pass(clock: ManualClock, ms: number, step = 1000): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(Math.min(step, ms - passed));
    await settle();
  }
}

/** No rules and no receivers. */
export function noAlerts(): AlertSettings {
  const { routing } = compileRouting(routingSchema.parse({}), [], () => undefined);
  return {
    rules: [],
    routing,
    startupGrace: 60_000,
    flapping: FLAP_DEFAULTS,
    retention: 86_400_000,
    log: { path: undefined, maxSize: 1e6, keep: 1, gzip: false },
    display: { publicUrl: undefined, timeZone: 'UTC' },
  };
}
