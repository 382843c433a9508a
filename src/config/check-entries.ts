/** The entries of one section: each gets its plugin, and its keys go to the host's schema and to the plugin's. */
import { z } from '../plugin/index.ts';
import type { PluginOf } from '../registry/registry.ts';

import { assignAliases, type AliasClash } from './aliases.ts';
import { readEntry, Refused, type PluginFinder, type ResolvedPlugin, type WrittenEntry } from './entries.ts';
import { explain } from './explain.ts';
import { optionNames } from './option-schema.ts';
import type { Complaint } from './problem.ts';
import { hostKeys, hostSchemas, SECTIONS, type Section, type SectionKind } from './schema.ts';
import type { SchemaUse } from './secrets.ts';
import type { Part, Path, Source } from './source.ts';

type HostSettings<Kind extends SectionKind> = z.output<(typeof hostSchemas)[Kind]>;

/** An entry that has no problem of its own. */
export interface CheckedEntry<Kind extends SectionKind> {
  readonly plugin: PluginOf<Kind>;
  readonly version: string;
  readonly alias: string;
  /** Key and options as written, substituted. */
  readonly written: WrittenEntry;
  /** Where the options are. */
  readonly path: Path;
  readonly host: HostSettings<Kind>;
  readonly options: unknown;
}

export type AnyCheckedEntry = { [Kind in SectionKind]: CheckedEntry<Kind> }[SectionKind];

/** What the checks report to, and ask. */
export interface CheckContext {
  readonly source: Source;
  readonly finder: PluginFinder;
  /** The file from whose folder relative paths start, for what is at a path. */
  readonly anchor: (path: Path) => string;
  /** Whether the value at a path was brought in by a substitution. */
  readonly isSubstituted: (path: Path) => boolean;
  readonly report: (path: Path, part: Part, complaint: Complaint) => void;
  readonly use: (use: SchemaUse) => void;
}

type ListSection = Exclude<Section, 'notifiers'>;

type Unnamed<Kind extends SectionKind> = Omit<CheckedEntry<Kind>, 'alias'>;

/** A section that is a list. */
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
    checked.map(({ plugin, path, host }) => ({ plugin, path, alias: host.alias })),
    kind !== 'output',
  );
  for (const clash of clashes) reportClash(clash, context);
  return checked.map((entry, index) => ({ ...entry, alias: names[index] ?? entry.plugin.name }));
}

/** Notifiers are named by their keys. */
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

/** Of a plugin that is not found nobody knows which options are secret, so what may be is not shown. */
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
  const written = readEntry(entry, kind === 'notifier' ? 'named' : 'listed', hostKeys(kind));
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
  const { plugin, version } = resolved;
  const taken = optionNames(plugin.config).filter((option) => hostKeys(kind).includes(option));
  if (taken.length > 0) {
    for (const option of taken) context.report(inner, 'key', takenByHost(plugin, option));
    return undefined;
  }
  const { forHost, own } = splitKeys(kind, written.options);

  const host = await checkOptions(hostSchemas[kind], forHost, inner, context);
  const options = await checkOptions(plugin.config, own, inner, context, hostKeys(kind));
  if (host === undefined || options === undefined) return undefined;
  return { plugin, version, written, path: inner, host: host.value as HostSettings<Kind>, options: options.value };
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

function takenByHost({ kind, name }: PluginOf<SectionKind>, option: string): Complaint {
  return {
    message: `The ${kind} "${name}" declares the option "${option}", but that name belongs to the host`,
    hint: `rename the option in the plugin; healthd itself handles "${option}" in every ${kind}`,
  };
}

function splitKeys(
  kind: SectionKind,
  options: Readonly<Record<string, unknown>>,
): { readonly forHost: Readonly<Record<string, unknown>>; readonly own: Readonly<Record<string, unknown>> } {
  const entries = Object.entries(options);
  const isForHost = (key: string) => hostKeys(kind).includes(key);
  return {
    forHost: Object.fromEntries(entries.filter(([key]) => isForHost(key))),
    own: Object.fromEntries(entries.filter(([key]) => !isForHost(key))),
  };
}

/** @returns what the schema made of the options, in a box because that may be anything; nothing if it refused them */
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
  for (const { path: inner, part, ...complaint } of explain(result.error.issues, {
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
      message: `The alias "${entry.alias}" is taken by another entry${place}`,
      hint: 'aliases are unique among the inputs, the processors and the outputs',
    });
    return;
  }
  report(entry.path, 'key', {
    message: `There is another output named "${name}"${place}`,
    hint: 'give this one an alias of its own, such as "alias: second": what is unsent is kept under that name',
  });
}
