import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends metrics and logs to an OpenTelemetry collector or another receiver of OTLP over HTTP. */
export const opentelemetry = defineOutput({
  name: 'opentelemetry',
  summary: 'OpenTelemetry collectors and backends: OTLP over HTTP',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
