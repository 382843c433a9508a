import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** An endpoint for Prometheus and compatible scrapers. */
export const prometheus = defineOutput({
  name: 'prometheus',
  summary: 'A scrape endpoint for Prometheus, in its text format or OpenMetrics',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
