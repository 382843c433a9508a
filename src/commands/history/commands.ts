/** `healthd history …`, `query` and `sql`. */
import { defineCommand, type Command } from '../command.ts';
import { CONFIG, FROM, TO } from '../parameters.ts';

const SELECTION = "such as cpu.usage_idle, 'cpu.*' or 'net.*{interface=eth*}'";

export const historyCommands: readonly Command[] = [
  defineCommand({
    path: 'query',
    summary: 'draw series of the past as charts',
    arguments: { series: { value: 'series', summary: `which, ${SELECTION}`, isRequired: true, isList: true } },
    options: {
      config: CONFIG,
      from: { ...FROM, summary: `${FROM.summary} (default: 1h)` },
      to: TO,
      fn: {
        value: 'function',
        summary: 'of the samples in a column (default: mean; rate of counters)',
        choices: ['mean', 'min', 'max', 'last', 'rate'],
      },
    },
    load: async () => (await import('./query.ts')).query,
  }),
  defineCommand({
    path: 'sql',
    summary: 'run an SQL statement over samples, or list tables',
    arguments: { statement: { value: 'statement', summary: "such as 'select max(usage_user) from cpu'" } },
    options: {
      config: CONFIG,
      from: { ...FROM, summary: `${FROM.summary} (default: 1h)` },
      to: TO,
      format: { value: 'format', summary: 'output format', choices: ['table', 'csv', 'json'] },
    },
    load: async () => (await import('./sql.ts')).sql,
  }),
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
  defineCommand({
    path: 'history backup',
    summary: 'copy the history to a new file; also while the agent runs',
    arguments: { file: { value: 'file', summary: 'the copy', isRequired: true } },
    options: { config: CONFIG },
    load: async () => (await import('./backup.ts')).historyBackup,
  }),
  defineCommand({
    path: 'history restore',
    summary: 'put a copy in the place of the history; the agent must be stopped',
    arguments: { file: { value: 'file', summary: 'a copy that "history backup" has made', isRequired: true } },
    options: { config: CONFIG },
    load: async () => (await import('./restore.ts')).historyRestore,
  }),
];
