import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends metrics to InfluxDB 1, 2 and 3, and to servers with a compatible write API (VictoriaMetrics, healthd itself). */
export const influxdb = defineOutput({
  name: 'influxdb',
  summary: 'InfluxDB 1, 2 and 3, and databases with a compatible write API',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
