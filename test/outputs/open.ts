import type { Batch, Output, OutputPlugin } from '../../src/plugin.ts';
import { testContext, type TestSettings } from '../../src/testing.ts';

const NEVER = new AbortController().signal;

export interface OpenOutput {
  /** @returns what `write` threw; undefined if the lines were taken */
  write(batch: Batch, signal?: AbortSignal): Promise<unknown>;
  /** @returns what `connect` threw */
  connect(signal?: AbortSignal): Promise<unknown>;
}

/** Makes an output as the host does, options going through the schema, for as long as the body runs. */
export async function withOutput(
  load: OutputPlugin,
  options: Readonly<Record<string, unknown>>,
  body: (output: OpenOutput) => Promise<void>,
  settings: TestSettings = {},
): Promise<void> {
  const context = testContext({ hostname: 'agent-host', ...settings });
  let output: Output | undefined;
  try {
    const made = await load.create(load.config.parse(options), context);
    output = made;
    await body({
      write: (batch, signal = NEVER) => thrownBy(made.write(batch, signal)),
      connect: (signal = NEVER) => thrownBy(made.connect?.(signal)),
    });
  } finally {
    await output?.stop?.();
    context.close();
  }
}

/** What is wrong with options: `path: message` for each issue. */
export function issues(load: OutputPlugin, options: Readonly<Record<string, unknown>>): readonly string[] {
  const found = load.config.safeParse(options).error?.issues ?? [];
  return found.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

async function thrownBy(work: Promise<void> | undefined): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}
