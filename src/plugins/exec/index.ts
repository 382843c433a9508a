import { bytes, defineInput, inTurns, z } from '../../plugin/index.ts';
import type { Accumulator, Command, MetricCatalog, PluginContext } from '../../plugin/index.ts';

import { expandCommand } from './expand-command.ts';
import { createParser, DATA_FORMATS, type Point } from './formats.ts';
import { isNagiosState } from './nagios.ts';
import { TIME_FORMATS } from './time.ts';

/** Maximum number of programs that run concurrently. */
const MAX_PARALLEL = 8;

/** State of a Nagios plugin that exited with no valid one. */
const UNKNOWN = 3;

/** Maximum bytes of a program's stderr in a message. */
const MAX_MESSAGE = 512;

const NO_PROGRAM = 'expected a program as the first element';

// The message does not quote the text, which may contain a secret.
const command = z
  .tuple(
    [z.string({ error: ({ input }) => (input === undefined ? NO_PROGRAM : undefined) })],
    z.string().meta({ private: true }),
    {
      error: ({ input }) =>
        typeof input === 'string'
          ? 'expected a list of program and arguments, such as ["/usr/local/bin/check", "--all"]; for a shell script use ["sh", "-c", "…"], on Windows ["cmd", "/d", "/c", "…"]'
          : undefined,
    },
  )
  .refine(([program]) => program !== '', NO_PROGRAM);

const config = z.strictObject({
  commands: z.array(command).min(1).describe('Commands to run, each a list of program (or glob) and arguments'),
  environment: z
    .array(
      z
        .string()
        .regex(/^[^=]+=/, 'expected NAME=value')
        .meta({ private: true }),
    )
    .default([])
    .describe(
      'Environment variables of the programs, each NAME=value; of those of healthd they inherit only PATH, HOME, LANG and the like',
    ),
  ignore_error: z.boolean().default(false).describe('Uses the output of programs that exit with an error'),
  log_stderr: z.boolean().default(false).describe('Logs the first line of stderr of successful programs'),
  max_output: bytes('10MiB').describe('Maximum output of one program; a program that exceeds it is stopped'),
  max_metrics: z
    .number()
    .int()
    .min(1)
    .default(100_000)
    .describe('Maximum number of metrics of one program and run; with more, none is used'),
  data_format: z.enum(DATA_FORMATS).default('influx').describe('Format of the output'),
  name: z.string().min(1).default('exec').describe('json, ndjson, csv: name of the measurement'),
  json_tag_keys: z
    .array(z.string())
    .default([])
    .describe('json, ndjson, csv: globs of keys or columns that become tags'),
  json_string_fields: z
    .array(z.string())
    .default([])
    .describe('json, ndjson, csv: globs of keys or columns whose strings and booleans become fields'),
  json_name_key: z
    .string()
    .default('')
    .describe('json, ndjson, csv: key or column whose string value is the name of the measurement'),
  json_time_key: z
    .string()
    .default('')
    .describe('json, ndjson, csv: key or column with the time of the point; empty for the time of the gather'),
  json_time_format: z.enum(TIME_FORMATS).default('unix').describe('json, ndjson, csv: form of that time'),
  csv_columns: z
    .array(z.string())
    .default([])
    .describe('csv: names of the columns, "" for one to leave out; by default they are in the first row'),
  csv_delimiter: z
    .string()
    .length(1)
    .regex(/[^"\r\n]/, 'cannot be a quote or the end of a line')
    .default(',')
    .describe('csv: character between cells'),
});

/** Empty: only the programs know their metrics. */
const metrics: MetricCatalog = {};

/** Runs programs at each interval and parses their output. */
export const exec = defineInput({
  name: 'exec',
  summary: 'Metrics from the output of other programs',
  config,
  metrics,
  create(options, context) {
    const running = new Set<Promise<void>>();
    const gatherOne = createGatherer(options, context);
    return {
      async gather(acc, signal) {
        const queue = await expandAll(options.commands, acc);
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
          acc.error(
            new Error(`${queue.length} programs were not started before the deadline`, { cause: signal.reason }),
          );
        }
      },
      // The signal has already stopped the programs; this waits until they are gone.
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
      for (const each of await expandCommand(command)) expanded.push(each);
    } catch (error) {
      acc.error(new Error(`Cannot expand ${command[0]}`, { cause: error }));
    }
  }
  return expanded;
}

/** Messages never contain arguments, which may be passwords. */
function createGatherer(options: z.output<typeof config>, { run, log }: PluginContext) {
  const parse = createParser(options);
  const environment = Object.fromEntries(
    options.environment.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  const settings = { maxOutput: options.max_output, environment };

  /** @throws if the program failed, unless errors are ignored */
  const outputOf = async (command: Command, signal: AbortSignal) => {
    const [program] = command;
    const { failure, code, stdout, stderr } = await run(command, settings, signal);
    const message = firstLine(stderr);
    const state = options.data_format === 'nagios' && isNagiosState(code) ? code : undefined;
    if (failure === undefined || state !== undefined) {
      if (options.log_stderr && message !== '') log.warn(`${program}: ${message}`);
      return { stdout, state: state ?? UNKNOWN };
    }
    const error = new Error(`${program} ${failure}${message === '' ? '' : `: ${message}`}`);
    if (!options.ignore_error) throw error;
    log.debug(error.message);
    return { stdout, state: UNKNOWN };
  };

  return async (command: Command, acc: Accumulator, signal: AbortSignal): Promise<void> => {
    const [program] = command;
    try {
      const { stdout, state } = await outputOf(command, signal);
      const { metrics, errors, rejected } = await inTurns(parse(stdout, state), signal).catch(advised(program));
      await inTurns(adding(metrics, acc), signal);
      if (rejected > 0) {
        acc.error(new Error(`${program} wrote ${rejected} invalid metrics; first error: ${errors[0] ?? ''}`));
      }
    } catch (error) {
      if (!signal.aborted || isLate(signal)) acc.error(error);
    }
  };
}

/** @throws always */
function advised(program: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof RangeError)) throw error;
    throw new Error(`${program} printed ${error.message}, and none is used; raise max_metrics`, { cause: error });
  };
}

/** A few milliseconds of work. */
const METRICS_IN_STEP = 1000;

function* adding(metrics: readonly Point[], acc: Accumulator): Generator<undefined, void> {
  for (const [index, { name, fields, tags, time }] of metrics.entries()) {
    acc.add(name, fields, tags, time);
    if (index % METRICS_IN_STEP === METRICS_IN_STEP - 1) yield;
  }
}

/** Whether the deadline passed. An abort because the agent stops is not an error. */
function isLate(signal: AbortSignal): boolean {
  return (signal.reason as { readonly name?: unknown } | undefined)?.name === 'TimeoutError';
}

function firstLine(output: Buffer): string {
  const [line = ''] = output.toString('utf8').trim().split(/\r?\n/, 1);
  const start = Buffer.from(line).subarray(0, MAX_MESSAGE);
  return start.length === Buffer.byteLength(line) ? line : `${start.toString('utf8').replace(/\uFFFD$/, '')}…`;
}
