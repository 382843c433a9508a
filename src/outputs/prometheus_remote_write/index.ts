import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends samples to Prometheus, Mimir, Thanos, VictoriaMetrics and whatever else takes remote write 1.0. */
export const prometheusRemoteWrite = defineOutput({
  name: 'prometheus_remote_write',
  summary: 'Remote write, for Prometheus, Mimir, Thanos and VictoriaMetrics',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
