import { defineInput, type Accumulator } from '../../plugin/index.ts';

import { metrics } from './metrics.ts';
import { schema } from './options.ts';

/** Maximum number of concurrent scrapes. */
const MAX_PARALLEL = 16;

/** Scrapes Prometheus endpoints. */
export const prometheus = defineInput({
  name: 'prometheus',
  summary: 'Metrics scraped from Prometheus endpoints, in the text format or OpenMetrics',
  config: schema,
  metrics,
  async create(options, context) {
    const { createScrape, targetOf } = await import('./scrape.ts');
    const scrape = createScrape(options, await context.readTls(options.tls), context);
    const targets = options.urls.map(targetOf);
    return {
      async gather(acc, signal) {
        const queue = targets.values();
        const worker = async () => {
          for (const target of queue) await reporting(acc, signal, scrape(target, acc, signal));
        };
        await Promise.all(Array.from({ length: Math.min(MAX_PARALLEL, targets.length) }, worker));
      },
    };
  },
});

/** Reports the error of one target, so that the others go on. An abort because the agent stops is not an error. */
async function reporting(acc: Accumulator<typeof metrics>, signal: AbortSignal, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const isStopping = signal.aborted && (signal.reason as Partial<Error> | undefined)?.name !== 'TimeoutError';
    if (!isStopping) acc.error(error);
  }
}
