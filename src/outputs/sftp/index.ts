import { defineOutput } from '../../plugin/index.ts';

import { schema } from './options.ts';

/** Stores metrics in local files and uploads the finished ones to an SFTP server. */
export const sftp = defineOutput({
  name: 'sftp',
  summary: 'Stores metrics in local files and uploads them, with verification, to an SFTP server',
  config: schema,
  async create(options, context) {
    const { createOutput } = await import('./output.ts');
    return createOutput(options, context);
  },
});
