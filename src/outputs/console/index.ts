import { defineOutput, z } from '../../plugin/index.ts';

import { createConsole } from './console.ts';

/** Prints metrics on standard output. */
export const consoleOutput = defineOutput({
  name: 'console',
  summary: 'Prints metrics: a table for a person at a terminal, line protocol for a pipe',
  config: z.strictObject({
    format: z
      .enum(['auto', 'pretty', 'influx'])
      .default('auto')
      .describe('pretty is a table, influx is line protocol; auto is pretty on a terminal and influx elsewhere'),
    color: z
      .enum(['auto', 'always', 'never'])
      .default('auto')
      .describe('Colours in the table; auto asks the terminal, and honours NO_COLOR and FORCE_COLOR'),
  }),
  create: (options) => createConsole(options, process.stdout),
});
