import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends log records and metrics to syslog servers such as rsyslog and syslog-ng. */
export const syslog = defineOutput({
  name: 'syslog',
  summary: 'Syslog servers: RFC 5424 over TCP, TLS or UDP',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
