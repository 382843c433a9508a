/** A registry of small plugins with every kind of option. */
import { defineInput, defineOutput, defineProcessor, duration, z } from '../../src/plugin/index.ts';
import { createRegistry } from '../../src/registry/registry.ts';

const cpu = defineInput({
  name: 'cpu',
  summary: 'Fake processor time',
  config: z.strictObject({
    percpu: z.boolean().default(true).describe('One metric for each processor'),
    per_core: z.number().int().min(1).max(64).default(4).describe('How many cores'),
    mode: z.enum(['native', 'portable']).default('native').describe('Where from'),
    names: z.array(z.string().min(1)).default([]).describe('Which ones'),
    window: duration('30s').describe('How long'),
    either: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('One or several'),
    source: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('file'), path: z.string() }),
        z.strictObject({ type: z.literal('socket'), port: z.number() }),
      ])
      .optional()
      .describe('Where to read'),
  }),
  metrics: { cpu: { fields: {} } },
  create: () => ({ gather: () => undefined }),
});

const exec = defineInput({
  name: 'exec',
  summary: 'Fake program',
  config: z.strictObject({
    commands: z.array(z.string()).min(1).describe('What to run'),
  }),
  metrics: { exec: { fields: {} } },
  create: () => ({ gather: () => undefined }),
});

const quiet = (name: string) =>
  defineInput({
    name,
    summary: `Fake ${name}`,
    config: z.strictObject({}),
    metrics: {},
    create: () => ({ gather: () => undefined }),
  });

const influxdb = defineOutput({
  name: 'influxdb',
  summary: 'Fake database',
  config: z.strictObject({
    url: z.url().describe('Address of the server'),
    token: z.string().optional().meta({ secret: true }).describe('Access token'),
    port: z.number().optional().meta({ secret: true }).describe('A secret number'),
    headers: z.record(z.string(), z.string()).default({}).meta({ secret: true }).describe('Further headers'),
  }),
  create: () => ({ write: () => Promise.resolve() }),
});

const consoleOutput = defineOutput({
  name: 'console',
  summary: 'Fake terminal',
  config: z.strictObject({}),
  create: () => ({ write: () => Promise.resolve() }),
});

const rename = defineProcessor({
  name: 'rename',
  summary: 'Fake new names',
  config: z.strictObject({ names: z.record(z.string(), z.string()).default({}).describe('Old → new') }),
  create: () => ({ process: (metric) => metric }),
});

const QUIET = ['mem', 'swap', 'disk', 'diskio', 'net', 'system', 'processes', 'kernel', 'fleet'];

export const fakeRegistry = createRegistry({
  input: {
    cpu: () => Promise.resolve(cpu),
    exec: () => Promise.resolve(exec),
    ...Object.fromEntries(QUIET.map((name) => [name, () => Promise.resolve(quiet(name))])),
  },
  processor: { rename: () => Promise.resolve(rename) },
  output: { influxdb: () => Promise.resolve(influxdb), console: () => Promise.resolve(consoleOutput) },
});
