import { bytes, defineInput, z } from '../../plugin/index.ts';
import type { Accumulator, Command, MetricCatalog, PluginContext } from '../../plugin/index.ts';

import { expand } from './command.ts';
import { createParser } from './formats.ts';

/** Programs that run at the same time; the others wait for their turn. */
const MAX_PARALLEL = 8;

/** What of a program's standard error goes into a message, in bytes. */
const MAX_MESSAGE = 512;

// The text is not repeated in the message: it may hold a secret.
const command = z
  .array(z.string(), {
    error: ({ input }) =>
      typeof input === 'string'
        ? 'a command is a list of program and arguments, such as ["/usr/local/bin/check", "--all"]; for shell text write ["sh", "-c", "…"]'
        : undefined,
  })
  .refine(([program]) => program !== undefined && program !== '', 'a command starts with a program');

const config = z.strictObject({
  commands: z.array(command).min(1).describe('Programs to run, each a list of program (or glob) and arguments'),
  environment: z
    .array(z.string().regex(/^[^=]+=/, 'an environment variable is written NAME=value'))
    .default([])
    .describe('Variables to add to the environment of the programs, each NAME=value'),
  ignore_error: z.boolean().default(false).describe('Uses the output of programs that fail'),
  log_stderr: z.boolean().default(false).describe('Logs what programs that succeed write to standard error'),
  max_output: bytes('10MiB').describe('What one program may write before it is stopped'),
  data_format: z.enum(['influx', 'json']).default('influx').describe('What the programs write'),
  name: z.string().min(1).default('exec').describe('json: the measurement'),
  json_tag_keys: z.array(z.string()).default([]).describe('json: keys that become tags; globs may be used'),
  json_string_fields: z.array(z.string()).default([]).describe('json: keys of strings and booleans to keep as fields'),
  json_name_key: z.string().default('').describe('json: key of a string that is the measurement'),
});

/** What the programs write is known to them alone. */
const metrics: MetricCatalog = {};

/** Metrics from other programs, which are started at each interval and write line protocol or JSON. */
export const exec = defineInput({
  name: 'exec',
  summary: 'Metrics that other programs write',
  config,
  metrics,
  create(options, context) {
    const running = new Set<Promise<void>>();
    const gatherOne = createGatherer(options, context);
    return {
      async gather(acc, signal) {
        const queue = await expandAll(options.commands as unknown as readonly Command[], acc);
        const work = async () => {
          while (!signal.aborted) {
            const next = queue.shift();
            if (next === undefined) return;
            await gatherOne(next, acc, signal);
          }
        };
        const workers = Array.from({ length: Math.min(MAX_PARALLEL, queue.length) }, work);
        const all = Promise.all(workers).then(() => undefined);
        running.add(all);
        await all.finally(() => running.delete(all));
        if (queue.length > 0 && isLate(signal)) {
          acc.error(new Error(`${queue.length} programs were not started in time`, { cause: signal.reason }));
        }
      },
      // The signal has stopped the programs; they are gone when this returns.
      async stop() {
        await Promise.all(running);
      },
    };
  },
});

async function expandAll(commands: readonly Command[], acc: Accumulator): Promise<Command[]> {
  const expanded: Command[] = [];
  for (const command of commands) {
    try {
      expanded.push(...(await expand(command)));
    } catch (error) {
      acc.error(new Error(`Cannot find the programs of ${command[0]}`, { cause: error }));
    }
  }
  return expanded;
}

/** Arguments are left out of all messages: passwords are often among them. */
function createGatherer(options: z.output<typeof config>, { run, log }: PluginContext) {
  const parse = createParser(options);
  const environment = Object.fromEntries(
    options.environment.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  const settings = { maxOutput: options.max_output, environment };

  return async (command: Command, acc: Accumulator, signal: AbortSignal): Promise<void> => {
    const [program] = command;
    try {
      const { failure, stdout, stderr } = await run(command, settings, signal);
      const message = firstLine(stderr);
      if (failure !== undefined) {
        const error = new Error(`${program} ${failure}${message === '' ? '' : `: ${message}`}`);
        if (!options.ignore_error) throw error;
        log.debug(error.message);
      } else if (options.log_stderr && message !== '') log.warn(`${program}: ${message}`);
      const { metrics, errors, refused } = parse(stdout);
      for (const { name, fields, tags, time } of metrics) acc.add(name, fields, tags, time);
      if (refused > 0) {
        acc.error(new Error(`${program} wrote ${refused} of its metrics wrongly; the first: ${errors[0] ?? ''}`));
      }
    } catch (error) {
      if (!signal.aborted || isLate(signal)) acc.error(error);
    }
  };
}

/** Whether the deadline passed; what ends because the agent stops is no error. */
function isLate(signal: AbortSignal): boolean {
  return (signal.reason as { readonly name?: unknown } | undefined)?.name === 'TimeoutError';
}

function firstLine(output: Buffer): string {
  const [line = ''] = output.toString('utf8').trim().split(/\r?\n/, 1);
  const start = Buffer.from(line).subarray(0, MAX_MESSAGE);
  return start.length === Buffer.byteLength(line) ? line : `${start.toString('utf8').replace(/\uFFFD$/, '')}…`;
}
