import { defineOutput, z } from '../../plugin/index.ts';

import { createConsole } from './console.ts';

/** Prints metrics on standard output. */
export const consoleOutput = defineOutput({
  name: 'console',
  summary: 'Prints metrics: tables on a terminal, line protocol in a pipe',
  config: z.strictObject({
    format: z
      .enum(['auto', 'pretty', 'influx'])
      .default('auto')
      .describe('pretty: tables; influx: line protocol; auto: pretty on a terminal, otherwise influx'),
    color: z
      .enum(['auto', 'always', 'never'])
      .default('auto')
      .describe('Colours in tables; auto depends on the terminal, NO_COLOR and FORCE_COLOR'),
  }),
  create: (options) => createConsole(options, process.stdout),
});
