/** Checks the entries of one section: finds the plugin of each, and validates the entry keys and the plugin's options. */

import { z } from '../plugin/index.ts';
import type { PluginOf } from '../registry/registry.ts';

import { assignAliases, type AliasClash } from './aliases.ts';
import { findingsOf } from './findings.ts';
import { optionNames } from './option-schema.ts';
import type { Complaint } from './problem.ts';
import { entryKeys, entrySchemas, SECTIONS, type Section, type SectionKind } from './file-schema.ts';
import { Refused, type PluginFinder, type ResolvedPlugin } from './plugin-finder.ts';
import type { SchemaUse } from './secrets.ts';
import type { Part, Path, Source } from './source.ts';
import { readEntry, type WrittenEntry } from './written-entry.ts';

type EntrySettings<Kind extends SectionKind> = z.output<(typeof entrySchemas)[Kind]>;

/** A valid entry. */
export interface CheckedEntry<Kind extends SectionKind> {
  readonly plugin: PluginOf<Kind>;
  readonly version: string;
  readonly file?: string;
  readonly alias: string;
  /** Key and options as written, after substitution. */
  readonly written: WrittenEntry;
  /** Path of the options. */
  readonly path: Path;
  /** Keys that every entry of the kind takes, such as `interval`. */
  readonly settings: EntrySettings<Kind>;
  /** The plugin's own options. */
  readonly options: unknown;
}

export type AnyCheckedEntry = { [Kind in SectionKind]: CheckedEntry<Kind> }[SectionKind];

export interface CheckContext {
  readonly source: Source;
  readonly finder: PluginFinder;
  /** The file that holds the value at a path: relative paths are resolved against its folder. */
  readonly anchor: (path: Path) => string;
  /** Whether the value at a path is the result of a substitution. */
  readonly isSubstituted: (path: Path) => boolean;
  readonly report: (path: Path, part: Part, complaint: Complaint) => void;
  readonly use: (use: SchemaUse) => void;
}

type ListSection = Exclude<Section, 'notifiers'>;

type Unnamed<Kind extends SectionKind> = Omit<CheckedEntry<Kind>, 'alias'>;

/** Checks a section that is a list. */
export async function checkSection<S extends ListSection>(
  section: S,
  entries: readonly unknown[],
  context: CheckContext,
): Promise<CheckedEntry<(typeof SECTIONS)[S]>[]> {
  const kind = SECTIONS[section];
  const checked: Unnamed<typeof kind>[] = [];
  for (const [index, entry] of entries.entries()) {
    const one = await checkEntry(kind, entry, [section, index], context);
    if (one !== undefined) checked.push(one);
  }
  const { names, clashes } = assignAliases(
    checked.map(({ plugin, path, settings }) => ({ plugin, path, alias: settings.alias })),
    kind !== 'output',
  );
  for (const clash of clashes) reportClash(clash, context);
  return checked.map((entry, index) => ({ ...entry, alias: names[index] ?? entry.plugin.name }));
}

/** Checks `notifiers`, which are named by their keys. */
export async function checkNotifiers(
  entries: Readonly<Record<string, unknown>>,
  context: CheckContext,
): Promise<CheckedEntry<'notifier'>[]> {
  const checked: CheckedEntry<'notifier'>[] = [];
  for (const [alias, entry] of Object.entries(entries)) {
    const one = await checkEntry('notifier', entry, ['notifiers', alias], context);
    if (one !== undefined) checked.push({ ...one, alias });
  }
  return checked;
}

const secret = z.unknown().meta({ secret: true });

/** Which options of an unknown plugin are secret is not known, so likely ones are hidden. */
const UNKNOWN_PLUGIN = z.looseObject({
  url: secret,
  urls: secret,
  token: secret,
  password: secret,
  secret,
  key: secret,
});

async function checkEntry<Kind extends SectionKind>(
  kind: Kind,
  entry: unknown,
  path: Path,
  context: CheckContext,
): Promise<Unnamed<Kind> | undefined> {
  const written = readEntry(entry, kind === 'notifier' ? 'named' : 'listed', entryKeys(kind));
  if ('message' in written) {
    context.report(path, 'value', written);
    return undefined;
  }
  const inner = typeof entry === 'string' ? path : [...path, written.key];
  const resolved = await findPlugin(kind, written.key, inner, context);
  if (resolved === undefined) {
    context.use({ path: inner, options: written.options, schema: UNKNOWN_PLUGIN });
    return undefined;
  }
  const { plugin } = resolved;
  const taken = optionNames(plugin.config).filter((option) => entryKeys(kind).includes(option));
  if (taken.length > 0) {
    for (const option of taken) context.report(inner, 'key', reservedOption(plugin, option));
    return undefined;
  }
  const { common, own } = splitKeys(kind, written.options);

  const settings = await checkOptions(entrySchemas[kind], common, inner, context);
  const options = await checkOptions(plugin.config, own, inner, context, entryKeys(kind));
  if (settings === undefined || options === undefined) return undefined;
  const checked = { settings: settings.value as EntrySettings<Kind>, options: options.value };
  return { ...resolved, written, path: inner, ...checked };
}

async function findPlugin<Kind extends SectionKind>(
  kind: Kind,
  key: string,
  path: Path,
  { finder, anchor, report }: CheckContext,
): Promise<ResolvedPlugin<Kind> | undefined> {
  try {
    return await finder.find(kind, key, anchor(path));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    report(path, 'key', error.complaint);
    return undefined;
  }
}

function reservedOption({ kind, name }: PluginOf<SectionKind>, option: string): Complaint {
  return {
    message: `The ${kind} "${name}" declares the option "${option}", which is reserved`,
    hint: `rename the option in the plugin; healthd itself handles "${option}" in every ${kind}`,
  };
}

function splitKeys(
  kind: SectionKind,
  options: Readonly<Record<string, unknown>>,
): { readonly common: Readonly<Record<string, unknown>>; readonly own: Readonly<Record<string, unknown>> } {
  const entries = Object.entries(options);
  const isCommon = (key: string) => entryKeys(kind).includes(key);
  return {
    common: Object.fromEntries(entries.filter(([key]) => isCommon(key))),
    own: Object.fromEntries(entries.filter(([key]) => !isCommon(key))),
  };
}

/** @returns the parsed options, wrapped because they may be any value; undefined if they are invalid */
export async function checkOptions(
  schema: z.ZodType,
  options: unknown,
  path: Path,
  { report, use, isSubstituted }: Pick<CheckContext, 'report' | 'use' | 'isSubstituted'>,
  otherKeys: readonly string[] = [],
): Promise<{ readonly value: unknown } | undefined> {
  use({ path, options, schema });
  const result = await schema.safeParseAsync(options, { reportInput: true });
  if (result.success) return { value: result.data };
  const isHidden = (inner: Path) => isSubstituted([...path, ...inner]);
  for (const { path: inner, part, ...complaint } of findingsOf(result.error.issues, {
    schema,
    value: options,
    otherKeys,
    isHidden,
  })) {
    report([...path, ...inner], part, complaint);
  }
  return undefined;
}

function reportClash({ entry, first }: AliasClash, { source, report }: CheckContext): void {
  const { file, line } = source.locate(first.path, 'key');
  const place = line === undefined ? '' : ` (${file}:${line})`;
  const { name } = entry.plugin;
  if (entry.alias !== undefined) {
    report([...entry.path, 'alias'], 'value', {
      message: `The alias "${entry.alias}" is already used by another entry${place}`,
      hint: 'an alias must be unique within its section',
    });
    return;
  }
  report(entry.path, 'key', {
    message: `There is another output named "${name}"${place}`,
    hint: 'give this one an alias, such as "alias: second"; its journal cursor is stored under that name',
  });
}
