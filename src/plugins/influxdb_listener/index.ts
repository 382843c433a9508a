import { once } from 'node:events';

import { defineInput } from '../../plugin/index.ts';

import { createAnswer } from './answer.ts';
import { dialectOf } from './dialect.ts';
import { schema } from './options.ts';

/** Takes what Telegraf and the clients of InfluxDB write. */
export const influxdbListener = defineInput({
  name: 'influxdb_listener',
  summary: 'Metrics that other programs write as to InfluxDB 1, 2 or 3',
  config: schema,
  metrics: {},
  create(options, context) {
    const { listen, token, username, password, max_body_size: maxBodyBytes, tls } = options;
    const isOpen = token === undefined && username === undefined;
    const parameters = { username: 'u', password: 'p' };
    return {
      async run(acc, signal) {
        const listener = await context.listen({
          address: listen,
          tls: tls === undefined ? undefined : await context.readTls(tls),
          credentials: isOpen ? undefined : { token, username, password, parameters },
          openPaths: ['/ping', '/health', '/ready'],
          maxBodyBytes,
          answer: createAnswer(options, context, acc),
          refuse: ({ status, text, path }) => dialectOf(path).refuse(status, text),
        });
        context.log.info('Listening for line protocol', { port: listener.port });
        try {
          if (!signal.aborted) await once(signal, 'abort');
        } finally {
          await listener.close();
        }
      },
    };
  },
});
