import { prometheus } from '../../../src/outputs/prometheus/index.ts';
import type { Output, z } from '../../../src/plugin/index.ts';
import { testContext, type TestSettings } from '../../../src/testing.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { freePort } from '../../support/servers/real-server.ts';

const LIVE = new AbortController().signal;

export interface OpenEndpoint {
  readonly output: Output;
  readonly url: string;
  write(...lines: readonly string[]): Promise<void>;
  /** @param headers without accept-encoding, the response is not compressed */
  scrape(headers?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

/** The output as the host creates it, listening on a free port. */
export async function openEndpoint(
  options: z.input<typeof prometheus.config> = {},
  settings: TestSettings = {},
): Promise<OpenEndpoint> {
  const context = testContext(settings);
  const listen = `127.0.0.1:${await freePort()}`;
  const output = await prometheus.create(prometheus.config.parse({ listen, ...options }), context);
  const url = `http://${listen}/metrics`;
  return {
    output,
    url,
    write: (...lines) => output.write(testBatch(lines), LIVE),
    scrape: async (headers = {}) => {
      const answer = await fetch(url, { headers: { 'accept-encoding': 'identity', ...headers } });
      return answer.text();
    },
    close: async () => {
      await output.stop?.();
      context.close();
    },
  };
}
