/** `healthd dead-letter …`. */
import { defineCommand, type Command } from '../command.ts';
import { CONFIG, JSON_OUTPUT } from '../parameters.ts';

const OUTPUT = { value: 'name', summary: 'only lines of this output', completes: 'outputs' } as const;

export const deadLetterCommands: readonly Command[] = [
  defineCommand({
    path: 'dead-letter list',
    summary: 'list refused lines by time, output and reason',
    options: { config: CONFIG, output: OUTPUT, json: JSON_OUTPUT },
    load: async () => (await import('./list.ts')).deadLetterList,
  }),
  defineCommand({
    path: 'dead-letter replay',
    summary: 'send refused lines again; accepted ones are removed',
    options: {
      config: CONFIG,
      output: OUTPUT,
      toOutput: { value: 'name', summary: 'send to this output instead', completes: 'outputs' },
    },
    load: async () => (await import('./replay.ts')).deadLetterReplay,
  }),
];
