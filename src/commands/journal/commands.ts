/** `healthd journal …`. */
import { defineCommand, type Command } from '../command.ts';
import { CONFIG, FROM, TO } from '../parameters.ts';

export const journalCommands: readonly Command[] = [
  defineCommand({
    path: 'journal status',
    summary: 'show size, age and the lag of each output',
    options: { config: CONFIG, json: { summary: 'print JSON: bytes, milliseconds, ISO times' } },
    load: async () => (await import('./status.ts')).journalStatus,
  }),
  defineCommand({
    path: 'journal cat',
    summary: 'print buffered lines as line protocol',
    options: {
      config: CONFIG,
      from: FROM,
      to: TO,
      only: { value: 'globs', summary: 'only these measurements, such as cpu,disk*' },
    },
    load: async () => (await import('./cat.ts')).journalCat,
  }),
  defineCommand({
    path: 'journal replay',
    summary: 'send lines in the journal to an output again',
    options: {
      config: CONFIG,
      output: { value: 'name', summary: 'a configured output', isRequired: true, completes: 'outputs' },
      from: { ...FROM, isRequired: true },
      to: TO,
    },
    load: async () => (await import('./replay.ts')).journalReplay,
  }),
  defineCommand({
    path: 'journal forget',
    summary: 'drop the cursor and unsent lines of a removed output',
    arguments: { name: { value: 'name', summary: 'output name from "journal status"', isRequired: true } },
    options: { config: CONFIG },
    load: async () => (await import('./forget.ts')).journalForget,
  }),
];
