/** A listener input on a free port of the loopback address, and what it took. */
import { createAccumulator } from '../../../src/gather/accumulator.ts';
import { formatLine } from '../../../src/metric/line-protocol.ts';
import type { InputPlugin, Storage, StreamInput } from '../../../src/plugin/index.ts';
import { testContext } from '../../../src/testing.ts';
import { freePort, waitFor } from '../servers/real-server.ts';

export interface OpenListener {
  readonly url: string;
  /** Lines that came, without the `host` tag of this host. */
  readonly lines: string[];
  close(): Promise<void>;
}

/** Everything is written at once. */
export const SAFE: Storage = { trouble: undefined, nextLine: 0, written: () => Promise.resolve() };

export async function openListener(
  plugin: InputPlugin,
  options: Readonly<Record<string, unknown>> = {},
  storage: Storage = SAFE,
): Promise<OpenListener> {
  const context = testContext({ storage });
  const port = await freePort();
  const settings = plugin.config.parse({ listen: `127.0.0.1:${port}`, ...options });
  const input = (await plugin.create(settings, context)) as StreamInput;
  const lines: string[] = [];
  const onMetric = (metric: Parameters<typeof formatLine>[0]) => lines.push(formatLine(metric));
  const onError = (error: unknown) => {
    throw error;
  };
  const acc = createAccumulator(
    { metrics: plugin.metrics, entryTags: {}, globalTags: () => ({}), onMetric, onError },
    () => 0n,
  );
  const ended = new AbortController();
  const run = input.run(acc, ended.signal);
  const url = `http://127.0.0.1:${port}`;
  await waitFor(() => fetch(url).then(() => true));
  return {
    url,
    lines,
    close: async () => {
      ended.abort();
      await run;
      context.close();
    },
  };
}
