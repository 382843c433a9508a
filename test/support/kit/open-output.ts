import type { Batch, Output, OutputPlugin, z } from '../../../src/plugin/index.ts';
import { testContext, type TestSettings } from '../../../src/testing.ts';

export interface OpenOutput {
  readonly output: Output;
  /** @returns the error of `write`; undefined if it succeeded */
  write(batch: Batch, signal?: AbortSignal): Promise<Error | undefined>;
  /** @returns the error of `connect` */
  connect(signal?: AbortSignal): Promise<Error | undefined>;
  close(): Promise<void>;
}

const LIVE = new AbortController().signal;

/** The output as the host creates it: options are parsed by the schema. */
export async function openOutput<Schema extends z.ZodType>(
  plugin: OutputPlugin<Schema>,
  options: z.input<Schema>,
  settings: TestSettings = {},
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

/** The same while the body runs, with options that may be invalid. */
export async function withOutput<Result>(
  plugin: OutputPlugin,
  options: Readonly<Record<string, unknown>>,
  body: (output: OpenOutput) => Promise<Result>,
  settings: TestSettings = {},
): Promise<Result> {
  const output = await openOutput(plugin, options, { hostname: 'agent-host', ...settings });
  try {
    return await body(output);
  } finally {
    await output.close();
  }
}

/** The issues of options, each as `path: message`. */
export function issues(plugin: OutputPlugin, options: Readonly<Record<string, unknown>>): readonly string[] {
  const found = plugin.config.safeParse(options).error?.issues ?? [];
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

async function thrownBy(work: Promise<void> | undefined): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
