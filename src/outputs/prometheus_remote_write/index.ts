import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends samples to Prometheus, Mimir, Thanos, VictoriaMetrics and other receivers of remote write 1.0. */
export const prometheusRemoteWrite = defineOutput({
  name: 'prometheus_remote_write',
  summary: 'Prometheus remote write: Prometheus, Mimir, Thanos, VictoriaMetrics',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
