/** Telegraf's configurations, which many users have: their form is recognised, and their names are answered with healthd's. */
import type { Registry } from '../registry/registry.ts';

import { SECTIONS } from './file-schema.ts';
import type { Complaint } from './problem.ts';
import type { Path } from './source.ts';
import { isMapping } from './substitute.ts';

const TABLES = [...Object.keys(SECTIONS), 'aggregators', 'secretstores'];

/** Most names of inputs in the hint. */
const MOST_SHOWN = 4;

/** One complaint about the whole file if it is one of Telegraf's: each plugin is a list of tables, `[[inputs.cpu]]`. */
export function telegrafForm(value: unknown, registry: Registry): (Complaint & { readonly path: Path }) | undefined {
  if (!isMapping(value)) return undefined;
  const section = TABLES.find((name) => isListOfTables(value[name]));
  if (section === undefined) return undefined;
  const [plugin = ''] = Object.keys(value[section] as object);
  const known = Object.keys(isMapping(value['inputs']) ? value['inputs'] : {}).filter((name) =>
    registry.names('input').includes(name),
  );
  const names = (known.length === 0 ? ['cpu', 'mem'] : known).slice(0, MOST_SHOWN).map((name) => `"${name}"`);
  return {
    path: [section],
    message: `This is a configuration of Telegraf, with [[${section}.${plugin}]]; healthd has a form of its own`,
    hint: `begin with: inputs = [${names.join(', ')}] and "healthd config sample"; docs/configuration.md compares the names`,
  };
}

function isListOfTables(section: unknown): boolean {
  if (!isMapping(section)) return false;
  const plugins = Object.values(section);
  return plugins.length > 0 && plugins.every((tables) => Array.isArray(tables) && tables.every(isMapping));
}

/** Telegraf's option → what healthd has for it. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['global_tags', 'healthd has agent.tags'],
  ['collection_jitter', 'healthd calls it jitter'],
  ['collection_offset', 'healthd calls it offset'],
  ['metric_batch_size', 'healthd calls it batch_lines'],
  ['metric_buffer_limit', 'healthd has journal.max_bytes, in bytes and for all outputs'],
  ['round_interval', 'remove it: healthd always aligns to the interval'],
  ['precision', 'remove it: points have the time of their schedule'],
  ['debug', 'healthd has log.level: debug'],
  ['quiet', 'healthd has log.level: error'],
  ['logfile', 'healthd has log.file.path'],
  ['logformat', 'healthd has log.format'],
  ['logfile_rotation_interval', 'healthd has log.file.max_size: it rotates by size'],
  ['logfile_rotation_max_size', 'healthd has log.file.max_size'],
  ['logfile_rotation_max_archives', 'healthd has log.file.keep'],
  ['buffer_strategy', 'healthd has journal.buffer'],
  ['buffer_directory', 'healthd has agent.state_dir'],
  ['buffer_disk_sync', 'healthd has journal.sync'],
  ['statefile', 'healthd has agent.state_dir'],
  ['namepass', 'write only: [names]'],
  ['namedrop', 'write drop: [names]'],
  ['tagpass', 'write only: { tags: { key: [values] } }'],
  ['tagdrop', 'write drop: { tags: { key: [values] } }'],
  ['fieldinclude', 'write fields: [names]'],
  ['fieldpass', 'write fields: [names]'],
  ['fieldexclude', 'write fields: { drop: [names] }'],
  ['fielddrop', 'write fields: { drop: [names] }'],
  ['taginclude', 'write tag_keys: [keys]'],
  ['tagexclude', 'write tag_keys: { drop: [keys] }'],
  ['name_override', 'use the processor rename'],
  ['name_prefix', 'use the processor rename'],
  ['name_suffix', 'use the processor rename'],
  ['aggregators', 'use the processor aggregate'],
  ['organization', 'healthd calls it org'],
]);

/** What to use instead of an unknown option that Telegraf has. */
export function telegrafName(option: string): string | undefined {
  return NAMES.get(option);
}
