/** `healthd history …`, `query` and `sql`. */
import { defineCommand, type Command } from '../command.ts';
import { CONFIG, FROM, TO } from '../parameters.ts';

const SELECTION = "such as cpu.usage_idle, 'cpu.*' or 'net.*{interface=eth*}'";

export const historyCommands: readonly Command[] = [
  defineCommand({
    path: 'history export',
    summary: 'print samples as they were collected',
    arguments: { series: { value: 'series', summary: `which, ${SELECTION} (default: all)`, isList: true } },
    options: {
      config: CONFIG,
      from: FROM,
      to: TO,
      format: {
        value: 'format',
        summary: 'line protocol (default), CSV or JSON lines',
        choices: ['lp', 'csv', 'jsonl'],
      },
    },
    load: async () => (await import('./export.ts')).historyExport,
  }),
];
