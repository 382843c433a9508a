import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Publishes metrics to an MQTT broker. */
export const mqtt = defineOutput({
  name: 'mqtt',
  summary: 'MQTT brokers, one message per metric or per topic',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
