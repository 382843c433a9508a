import type { Batch, Clock, Logger, Output, OutputPlugin, z } from '../../src/plugin.ts';
import { testContext } from '../../src/testing.ts';

export interface OpenOutput {
  readonly output: Output;
  /** @returns what `write` threw; undefined if the batch was taken */
  write(batch: Batch, signal?: AbortSignal): Promise<Error | undefined>;
  connect(): Promise<Error | undefined>;
  close(): Promise<void>;
}

/** The output as the host makes it: options go through the schema. */
export async function openOutput<Schema extends z.ZodType>(
  plugin: OutputPlugin<Schema>,
  options: z.input<Schema>,
  settings: { readonly clock?: Clock; readonly log?: Logger } = {},
): Promise<OpenOutput> {
  const context = testContext(settings);
  const output = await plugin.create(plugin.config.parse(options), context);
  return {
    output,
    write: (batch, signal = AbortSignal.timeout(10_000)) => thrownBy(output.write(batch, signal)),
    connect: () => thrownBy(output.connect?.(AbortSignal.timeout(10_000))),
    close: async () => {
      await output.stop?.();
      context.close();
    },
  };
}

async function thrownBy(work: Promise<void> | undefined): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
