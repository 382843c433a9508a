import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends each metric as a message to Kafka. */
export const kafka = defineOutput({
  name: 'kafka',
  summary: 'Kafka, one message per metric',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
