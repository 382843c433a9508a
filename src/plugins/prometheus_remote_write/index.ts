import { once } from 'node:events';

import { defineInput } from '../../plugin/index.ts';

import { createAnswer } from './answer.ts';
import { schema } from './options.ts';

/** Takes what Prometheus and its kin write with `remote_write`. */
export const prometheusRemoteWrite = defineInput({
  name: 'prometheus_remote_write',
  summary: 'Metrics that Prometheus and other agents send by remote write 1.0',
  config: schema,
  metrics: {
    prometheus: {
      help: 'One point for the samples of equal labels and time',
      tags: { '*': 'The labels' },
      fields: {},
      dynamic: { type: 'float', help: 'Value of the metric of that name' },
    },
  },
  create(options, context) {
    const { listen, bearer_token: token, username, password, max_body_size: maxBodyBytes, tls } = options;
    const isOpen = token === undefined && username === undefined;
    return {
      async run(acc, signal) {
        const listener = await context.listen({
          address: listen,
          tls: tls === undefined ? undefined : await context.readTls(tls),
          credentials: isOpen ? undefined : { token, username, password },
          maxBodyBytes,
          answer: createAnswer(options, context, (tags, fields, time) => {
            acc.add('prometheus', fields, tags, time);
          }),
        });
        context.log.info('Listening for remote write', { port: listener.port });
        try {
          if (!signal.aborted) await once(signal, 'abort');
        } finally {
          await listener.close();
        }
      },
    };
  },
});
