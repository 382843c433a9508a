import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

export const loki = defineOutput({
  name: 'loki',
  summary: 'Grafana Loki: log records unchanged, metrics as logfmt lines',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
