import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** An endpoint that Prometheus, and whoever reads its formats, scrapes. */
export const prometheus = defineOutput({
  name: 'prometheus',
  summary: 'An endpoint that Prometheus scrapes, in its text format or OpenMetrics',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
