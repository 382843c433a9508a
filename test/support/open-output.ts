import type { Batch, Clock, Logger, MetricCatalog, Output, OutputPlugin, z } from '../../src/plugin.ts';
import { testContext } from '../../src/testing.ts';

export interface OpenOutput {
  readonly output: Output;
  /** @returns what `write` threw; undefined if the lines were taken */
  write(batch: Batch, signal?: AbortSignal): Promise<unknown>;
  connect(signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

export interface OutputSettings {
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly metrics?: MetricCatalog;
}

const LIVE = new AbortController().signal;

/** The output as the host makes it: options go through the schema. */
export async function openOutput<Schema extends z.ZodType>(
  plugin: OutputPlugin<Schema>,
  options: z.input<Schema>,
  settings: OutputSettings = {},
): Promise<OpenOutput> {
  const context = testContext(settings);
  const output = await plugin.create(plugin.config.parse(options), context);
  return {
    output,
    write: (batch, signal = LIVE) => thrownBy(output.write(batch, signal)),
    connect: (signal = LIVE) => thrownBy(output.connect?.(signal)),
    close: async () => {
      await output.stop?.();
      context.close();
    },
  };
}

async function thrownBy(work: Promise<void> | undefined): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}
