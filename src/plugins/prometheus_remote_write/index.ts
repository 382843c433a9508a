import { defineInput } from '../../plugin/index.ts';
import { serve } from '../http-listener.ts';

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
  create: (options, context) => ({
    run(acc, signal) {
      const answer = createAnswer(options, context, (tags, fields, time) => {
        acc.add('prometheus', fields, tags, time);
      });
      const settings = { ...options, token: options.bearer_token };
      return serve(settings, { name: 'remote write', answer }, context, signal);
    },
  }),
});
