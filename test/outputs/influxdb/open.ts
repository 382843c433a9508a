import { influxdb } from '../../../src/outputs/influxdb/index.ts';
import type { Batch, Clock, Logger, Output, z } from '../../../src/plugin.ts';
import { testContext } from '../../../src/testing.ts';

export interface OpenOutput {
  readonly output: Output;
  /** @returns what `write` threw; undefined if the lines were taken */
  write(batch: Batch, signal?: AbortSignal): Promise<unknown>;
  connect(): Promise<unknown>;
  close(): Promise<void>;
}

/** The output as the host makes it: options go through the schema. */
export async function openOutput(
  options: z.input<typeof influxdb.config>,
  settings: { readonly clock?: Clock; readonly log?: Logger } = {},
): Promise<OpenOutput> {
  const context = testContext(settings);
  const output = await influxdb.create(influxdb.config.parse(options), context);
  return {
    output,
    write: (batch, signal = new AbortController().signal) => thrownBy(output.write(batch, signal)),
    connect: () => thrownBy(output.connect?.(new AbortController().signal)),
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
