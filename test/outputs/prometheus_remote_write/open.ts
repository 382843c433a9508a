import { prometheusRemoteWrite } from '../../../src/outputs/prometheus_remote_write/index.ts';
import type { Output, z } from '../../../src/plugin.ts';
import { testContext, type TestSettings } from '../../../src/testing.ts';
import { testBatch } from '../../support/batch.ts';

export interface OpenOutput {
  readonly output: Output;
  /** @returns what `write` threw; undefined if the lines were taken */
  write(lines: readonly string[], signal?: AbortSignal): Promise<unknown>;
  connect(): Promise<unknown>;
  close(): Promise<void>;
}

/** The output as the host makes it: options go through the schema. */
export async function openOutput(
  options: z.input<typeof prometheusRemoteWrite.config>,
  settings: TestSettings = {},
): Promise<OpenOutput> {
  const context = testContext(settings);
  const output = await prometheusRemoteWrite.create(prometheusRemoteWrite.config.parse(options), context);
  const live = new AbortController().signal;
  return {
    output,
    write: (lines, signal = live) => thrownBy(output.write(testBatch(lines), signal)),
    connect: () => thrownBy(output.connect?.(live)),
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
