import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Publishes metrics to NATS, acknowledged by JetStream. */
export const nats = defineOutput({
  name: 'nats',
  summary: 'NATS, one message per metric, acknowledged by JetStream',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
