import { defineInput } from '../../plugin/index.ts';
import { serve } from '../http-listener.ts';

import { createAnswer } from './answer.ts';
import { dialectOf } from './dialect.ts';
import { schema } from './options.ts';

/** Takes what Telegraf and the clients of InfluxDB write. */
export const influxdbListener = defineInput({
  name: 'influxdb_listener',
  summary: 'Metrics that other programs write as to InfluxDB 1, 2 or 3',
  config: schema,
  metrics: {},
  create: (options, context) => ({
    run: (acc, signal) =>
      serve(
        options,
        {
          name: 'line protocol',
          parameters: { username: 'u', password: 'p' },
          openPaths: ['/ping', '/health', '/ready'],
          answer: createAnswer(options, context, acc),
          refuse: ({ status, text, path }) => dialectOf(path).refuse(status, text),
        },
        context,
        signal,
      ),
  }),
});
