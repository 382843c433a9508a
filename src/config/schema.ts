/** The sections of settings, and the keys that the host owns in each plugin entry. */
import { alertsSchema } from '../alerts/schema.ts';
import { ALERT_LEVELS, bytes, duration, LOG_LEVELS, z } from '../plugin/index.ts';

const MIN_INTERVAL = 100;
const SMALLEST_JOURNAL = 1024 * 1024;

/** More than any file name allows would break the files that are named after an alias. */
const ALIAS = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

function time(atLeast: number, message: string) {
  return duration().refine((ms) => ms >= atLeast, message);
}

const interval = () => time(MIN_INTERVAL, 'must be 100ms or longer');
const timeout = () => time(Number.MIN_VALUE, 'must be longer than 0s');
const size = () => bytes().refine((count) => count >= 1, 'must be 1 byte or more');
const name = () => z.string().min(1);
const tags = () => z.record(name(), name());

export const agentSchema = z.strictObject({
  interval: interval().prefault('10s').describe('How often inputs are gathered; at least 100ms'),
  jitter: duration().prefault('0s').describe('Each gather is delayed by a random time up to this'),
  offset: duration().prefault('0s').describe('Each gather is shifted by this, after alignment to the interval'),
  hostname: name().optional().describe('Value of the tag host; what the system says if not given'),
  omit_hostname: z.boolean().default(false).describe('Adds no tag host'),
  tags: tags().default({}).describe('Added to each metric that does not have the tag yet'),
  flush_interval: interval().prefault('10s').describe('Longest time that a metric waits before it is sent'),
  flush_jitter: duration().prefault('0s').describe('Each flush is delayed by a random time up to this'),
  batch_lines: z.number().int().min(1).default(5000).describe('Most lines of one write'),
  batch_bytes: size().prefault('4MiB').describe('Most bytes of one write, before compression'),
  stop_timeout: timeout().prefault('5s').describe('How long a stop may take before what is unsent is given up'),
  state_dir: name()
    .optional()
    .describe(
      'Where state is kept; if not given: $STATE_DIRECTORY, /var/lib/healthd for root, otherwise ~/.local/state/healthd',
    ),
});

export const journalSchema = z.strictObject({
  buffer: z
    .enum(['disk', 'memory'])
    .default('disk')
    .describe('disk keeps lines across a restart; with memory they are gone with the process'),
  sync: z
    .enum(['always', 'interval', 'none'])
    .default('interval')
    .describe(
      'When lines are forced to the disk: always (each group of them), interval (once a second), none (by the system)',
    ),
  max_bytes: bytes()
    .refine((count) => count >= SMALLEST_JOURNAL, 'must be 1MiB or more')
    .prefault('1GiB')
    .describe('Most bytes on disk, compressed; the oldest lines go first'),
  max_age: time(60_000, 'must be 1m or longer').prefault('7d').describe('Older lines are given up, sent or not'),
  keep: duration().prefault('0s').describe('Lines that every output has sent are kept this long, for journal replay'),
  memory_bytes: size()
    .prefault('64MiB')
    .describe('Most bytes in memory, compressed: for buffer memory, and while the disk cannot be written'),
});

export const logSchema = z.strictObject({
  level: z.enum(LOG_LEVELS).default('info').describe('The least important level that is written'),
  format: z.enum(['text', 'json']).default('text').describe('How lines look'),
  file: z
    .strictObject({
      path: name().describe('The file'),
      max_size: size().prefault('10MiB').describe('Size at which the file is rotated'),
      keep: z.number().int().min(1).default(5).describe('How many rotated files are kept'),
      gzip: z.boolean().default(true).describe('Compresses rotated files'),
    })
    .optional()
    .describe('Also write to this file, which is rotated'),
});

/** The sections that are settings rather than lists, in the order of the file. */
export const SETTINGS = { agent: agentSchema, journal: journalSchema, log: logSchema, alerts: alertsSchema } as const;

export type SettingsSection = keyof typeof SETTINGS;

/** Options that files of earlier versions may still have, by their path: what to use instead. */
export const REPLACED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['agent.buffer_bytes', 'use journal.max_bytes for what is kept on disk, journal.memory_bytes for what is in memory'],
]);

const namesFilter = z.union([
  z.array(name()),
  z.strictObject({
    names: z.array(name()).optional().describe('Globs of measurement names'),
    tags: z.record(name(), z.array(name())).optional().describe('Tag key → globs of its value'),
  }),
]);

const keysFilter = z.union([
  z.array(name()),
  z.strictObject({
    only: z.array(name()).optional().describe('Globs of the names that are kept'),
    drop: z.array(name()).optional().describe('Globs of the names that are removed'),
  }),
]);

const alias = z
  .string()
  .regex(ALIAS, 'must be up to 64 letters, digits, "_", "-" and ".", the first a letter or digit')
  .optional()
  .describe('Name of this entry, for logs, statistics and what it keeps on disk');
const only = namesFilter.optional().describe('Passes only these metrics: name globs, or { names, tags }');
const drop = namesFilter.optional().describe('Drops these metrics: name globs, or { names, tags }');
const fields = keysFilter.optional().describe('Fields that are kept: globs, or { only, drop }');
const tagKeys = keysFilter.optional().describe('Tags that are kept: globs, or { only, drop }');

/** The keys of an entry that are the host's. No plugin may declare an option of such a name. */
export const hostSchemas = {
  input: z.strictObject({
    interval: interval().optional().describe('How often this input is gathered; as in agent if not given'),
    timeout: timeout().optional().describe('Deadline of one gather; the interval if not given'),
    jitter: duration().optional().describe('Random delay of each gather; as in agent if not given'),
    offset: duration().optional().describe('Shift of each gather; as in agent if not given'),
    alias,
    tags: tags().default({}).describe('Added to the metrics of this input'),
    only,
    drop,
    fields,
    tag_keys: tagKeys,
  }),
  processor: z.strictObject({ alias, only, drop }),
  notifier: z.strictObject({
    min_level: z.enum(ALERT_LEVELS).default('info').describe('Alerts that never reach this level are not told here'),
    send_resolved: z.boolean().default(true).describe('Also tell when an alert has ended'),
    timeout: timeout().prefault('10s').describe('Deadline of one attempt'),
    rate: z.number().positive().optional().describe('Most messages a second; as the service wants it if not given'),
    ttl: time(60_000, 'must be 1m or longer').prefault('24h').describe('How long a message is worth delivering'),
  }),
  output: z.strictObject({
    alias,
    only,
    drop,
    fields,
    tag_keys: tagKeys,
    flush_interval: interval().optional().describe('Longest time that a metric waits; as in agent if not given'),
    flush_jitter: duration().optional().describe('Random delay of each flush; as in agent if not given'),
    batch_lines: z.number().int().min(1).optional().describe('Most lines of one write; as in agent if not given'),
    batch_bytes: size().optional().describe('Most bytes of one write; as in agent if not given'),
    timeout: timeout().prefault('30s').describe('Deadline of one write'),
    from: z
      .enum(['end', 'beginning'])
      .default('end')
      .describe(
        'Where a new output begins: end, with what comes from now on, or beginning, with all that the journal holds',
      ),
    catch_up: z
      .enum(['oldest_first', 'newest_first'])
      .default('oldest_first')
      .describe(
        'After an outage: oldest_first keeps the order, newest_first sends new lines first and the backlog beside them',
      ),
    catch_up_rate: size().prefault('8MiB').describe('Most bytes a second, compressed, while a backlog is sent'),
  }),
} as const;

/** The sections that hold plugins, in the order of the file: lists, but for `notifiers`, which are named by their keys. */
export const SECTIONS = { inputs: 'input', processors: 'processor', outputs: 'output', notifiers: 'notifier' } as const;

export type Section = keyof typeof SECTIONS;
export type SectionKind = (typeof SECTIONS)[Section];

/** The names that belong to the host in entries of a kind. */
export function hostKeys(kind: SectionKind): readonly string[] {
  return Object.keys(hostSchemas[kind].shape);
}

/** Names that can stand in a header, a log and a command without quotes. */
const RECEIVER = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

const entries = z.array(z.unknown());
const namedEntries = z.record(
  z.string().regex(RECEIVER, 'must be up to 64 letters, digits, "_", "-" and ".", the first a letter or digit'),
  z.unknown(),
);

/** The file as a whole; entries are checked one by one, each by its plugin. */
export const fileSchema = z.strictObject({
  agent: agentSchema.prefault({}).describe('Schedule, global tags, batches'),
  journal: journalSchema.prefault({}).describe('Where lines wait until they are sent'),
  log: logSchema.prefault({}).describe("healthd's own log"),
  alerts: alertsSchema.prefault({}).describe('What is an alert, and who is told of it'),
  plugins: z
    .array(name())
    .default([])
    .describe('Packages and files whose plugins can be used by name, e.g. ./plugins/queue_depth.ts'),
  inputs: entries.optional().describe('Where metrics come from; the common host inputs if not given'),
  processors: entries.optional().describe('What is done to metrics on their way, in this order'),
  outputs: entries.optional().describe('Where metrics go; the console if not given'),
  notifiers: namedEntries.optional().describe('Who is told of alerts: a name of your own → a notifier'),
});
