import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Sends metrics to InfluxDB 1, 2 and 3, and to what speaks their write APIs (VictoriaMetrics, healthd itself). */
export const influxdb = defineOutput({
  name: 'influxdb',
  summary: 'InfluxDB 1, 2 and 3, and databases that speak their write APIs',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
