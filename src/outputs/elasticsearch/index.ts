import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

export const elasticsearch = defineOutput({
  name: 'elasticsearch',
  summary: 'Elasticsearch 7.8 to 9 and OpenSearch: one document per metric or log record',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
