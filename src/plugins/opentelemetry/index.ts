import { defineInput } from '../../plugin/index.ts';
import { serve } from '../http-listener.ts';

import { createAnswer } from './answer.ts';
import { schema } from './options.ts';
import { encodingOf, failure } from './reply.ts';

/** Takes what OpenTelemetry SDKs and the OpenTelemetry Collector export. */
export const opentelemetry = defineInput({
  name: 'opentelemetry',
  summary: 'Metrics and logs that OpenTelemetry SDKs and collectors export by OTLP/HTTP',
  config: schema,
  metrics: {},
  create: (options, context) => ({
    run: (acc, signal) =>
      serve(
        { ...options, token: options.bearer_token },
        {
          name: 'OTLP/HTTP',
          answer: createAnswer(options, context, acc),
          refuse: ({ status, text, contentType }) => failure(encodingOf(contentType), status, text),
        },
        context,
        signal,
      ),
  }),
});
