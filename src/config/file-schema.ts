/** The configuration file as a whole: sections of settings, and sections of plugin entries. */
import { notifierEntrySchema } from '../alerts/entry.ts';
import { alertsSchema } from '../alerts/schema.ts';
import { outputEntrySchema } from '../deliver/entry.ts';
import { inputEntrySchema, processorEntrySchema } from '../gather/entry.ts';
import { aliasText, durationOf, interval, size, tags, timeout } from '../host/entry.ts';
import { historySchema } from '../history/settings.ts';
import { hubSchema } from '../hub/settings.ts';
import { logSchema } from '../logging/settings.ts';
import { bytes, duration, z } from '../plugin/index.ts';
import { serverSchema } from '../server/settings.ts';

const SMALLEST_JOURNAL = 1024 * 1024;

const name = () => z.string().min(1);

export const agentSchema = z.strictObject({
  interval: interval().prefault('10s').describe('How often inputs are gathered; at least 100ms'),
  jitter: duration().prefault('0s').describe('Maximum random delay of each gather'),
  offset: duration().prefault('0s').describe('Shift of each gather, after alignment to the interval'),
  hostname: name().optional().describe("Value of the host tag; default: the system's hostname"),
  omit_hostname: z.boolean().default(false).describe('Adds no host tag'),
  tags: tags().default({}).describe('Added to every metric that does not have the tag'),
  flush_interval: interval().prefault('10s').describe('Maximum time a metric waits before it is sent'),
  flush_jitter: duration().prefault('0s').describe('Maximum random delay of each flush'),
  batch_lines: z.number().int().min(1).default(5000).describe('Maximum lines per write'),
  batch_bytes: size().prefault('4MiB').describe('Maximum bytes per write, before compression'),
  stop_timeout: timeout().prefault('5s').describe('Deadline for flushing the outputs at shutdown'),
  state_dir: name()
    .optional()
    .describe(
      'Directory for state; default: $STATE_DIRECTORY, /var/lib/healthd for root, otherwise ~/.local/state/healthd',
    ),
});

export const journalSchema = z.strictObject({
  buffer: z
    .enum(['disk', 'memory'])
    .default('disk')
    .describe('disk: lines survive a restart; memory: lines are lost when the process ends'),
  sync: z
    .enum(['always', 'interval', 'none'])
    .default('interval')
    .describe('When lines are fsynced: always (at every write), interval (once a second), none (left to the kernel)'),
  max_bytes: bytes()
    .refine((count) => count >= SMALLEST_JOURNAL, 'must be 1MiB or more')
    .prefault('1GiB')
    .describe('Maximum bytes on disk, compressed; the oldest lines are deleted first'),
  max_age: durationOf(60_000, 'must be 1m or longer').prefault('7d').describe('Older lines are deleted, sent or not'),
  keep: duration().prefault('0s').describe('How long lines are kept after every output has sent them, for replay'),
  memory_bytes: size()
    .prefault('64MiB')
    .describe('Maximum bytes in memory, compressed: with buffer memory, and while the disk cannot be written'),
});

/** The sections of settings, in the order of the file. */
export const SETTINGS = {
  agent: agentSchema,
  journal: journalSchema,
  history: historySchema,
  server: serverSchema,
  hub: hubSchema,
  log: logSchema,
  alerts: alertsSchema,
} as const;

export type SettingsSection = keyof typeof SETTINGS;

/** Path of an option of an earlier version → what to use instead. */
export const REPLACED_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['agent.buffer_bytes', 'use journal.max_bytes for the limit on disk, journal.memory_bytes for the limit in memory'],
]);

/** The keys of an entry that healthd itself handles. Plugins cannot declare options of these names. */
export const entrySchemas = {
  input: inputEntrySchema,
  processor: processorEntrySchema,
  notifier: notifierEntrySchema,
  output: outputEntrySchema,
} as const;

/** The sections of plugin entries, in the order of the file. Each is a list, except `notifiers`, a mapping by name. */
export const SECTIONS = { inputs: 'input', processors: 'processor', outputs: 'output', notifiers: 'notifier' } as const;

export type Section = keyof typeof SECTIONS;
export type SectionKind = (typeof SECTIONS)[Section];

/** The names of the keys in `entrySchemas`. */
export function entryKeys(kind: SectionKind): readonly string[] {
  return Object.keys(entrySchemas[kind].shape);
}

const entries = z.array(z.unknown());
const namedEntries = z.record(aliasText(), z.unknown());

/** The whole file. Entries are checked later, each against the schema of its plugin. */
export const fileSchema = z.strictObject({
  agent: agentSchema.prefault({}).describe('Schedule, global tags, batch sizes'),
  journal: journalSchema.prefault({}).describe('Buffer of lines until every output has sent them'),
  history: z
    .union([historySchema, z.literal(false)])
    .prefault({})
    .describe('Embedded history of all metrics on this host, for the page and the terminal; false: none'),
  server: serverSchema.prefault({}).describe('The page and its API on a TCP port; false: none'),
  hub: hubSchema.optional().describe('Makes this agent the hub of a fleet; default: it is none'),
  log: logSchema.prefault({}).describe("healthd's own log"),
  alerts: alertsSchema.prefault({}).describe('Alert rules, and who is notified'),
  plugins: z
    .array(name())
    .default([])
    .describe('Packages and files whose plugins can be used by name, e.g. ./plugins/queue_depth.ts'),
  inputs: entries
    .optional()
    .describe('Where metrics come from; default: the common host inputs, sensors and containers'),
  processors: entries.optional().describe('Transformations of metrics between inputs and outputs, in this order'),
  outputs: entries.optional().describe('Where metrics go; default: the console, unless it is a terminal'),
  notifiers: namedEntries.optional().describe('Where notifications go: a name of your choice → a notifier'),
});
