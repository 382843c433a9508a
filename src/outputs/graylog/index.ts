import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends metrics and log records to Graylog. */
export const graylog = defineOutput({
  name: 'graylog',
  summary: 'Graylog: GELF over TCP, TLS, UDP or HTTP',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
