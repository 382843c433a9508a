/** Source → configuration. All checks run before any problem is thrown. */
import { join } from 'node:path';

import type { z } from '../plugin/index.ts';
import { trustedOwners } from '../registry/file-permissions.ts';
import type { Registry } from '../registry/registry.ts';

import { checkAlerts } from './check-alerts.ts';
import {
  checkNotifiers,
  checkOptions,
  checkSection,
  type AnyCheckedEntry,
  type CheckContext,
} from './check-entries.ts';
import {
  composeAgent,
  composeInput,
  composeNotifier,
  composeOutput,
  composeProcessor,
  type System,
} from './compose.ts';
import type { Config } from './config.ts';
import { createFinder, Refused } from './plugin-finder.ts';
import { findingsOf } from './findings.ts';
import { fingerprint } from './fingerprint.ts';
import type { Merged } from './merge.ts';
import { InvalidConfig, problemAt, sortProblems, type Complaint, type Problem } from './problem.ts';
import { fileSchema, REPLACED_OPTIONS, SETTINGS, type SettingsSection } from './file-schema.ts';
import { createSecrets, type SchemaUse, type Secrets } from './secrets.ts';
import { findNestingFault } from './nesting.ts';
import { isConsequence, salvage, type Salvaged } from './salvage.ts';
import type { Part, Path, Source } from './source.ts';
import { isMapping, substitute } from './substitute.ts';
import { telegrafForm } from './telegraf.ts';

/** The configuration, with what it takes to print it. */
export interface LoadedConfig extends Config {
  /** Removes secrets from logs, errors and API answers. */
  readonly secrets: Secrets;
  /** The configuration as written, after substitution. Contains secrets: only for `config show`. */
  readonly written: Written;
}

export interface Written extends Readonly<Record<SettingsSection, unknown>> {
  readonly plugins: readonly string[];
  readonly entries: readonly AnyCheckedEntry[];
}

/** Used for missing sections, so that the shortest configuration does something useful. Entries as in a file. */
export interface DefaultEntries {
  /** Called only if the section is missing. Default: the common host inputs. */
  readonly inputs?: () => Promise<readonly unknown[]>;
  /** Default: the console. */
  readonly outputs?: readonly unknown[];
}

/** The input that reports the hosts of a hub. */
const FLEET = 'fleet';

const HOST_INPUTS = ['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'system', 'processes', 'kernel'] as const;

/** The inputs of a configuration that names none: those that have something to say on the platform. */
export function hostInputs(platform: NodeJS.Platform): readonly (typeof HOST_INPUTS)[number][] {
  const absent: readonly string[] = { linux: [], win32: ['processes', 'kernel'] }[platform as string] ?? ['kernel'];
  return HOST_INPUTS.filter((name) => !absent.includes(name));
}

/** @throws InvalidConfig with every problem of all files */
export async function validate(
  source: Merged,
  registry: Registry,
  system: System,
  defaults: DefaultEntries = {},
): Promise<LoadedConfig> {
  checkForm(source, registry);
  const anchor = (path: Path) => source.locate(path).file || join(system.cwd, 'healthd');
  const { value, secrets: substituted, problems: unresolved } = substitute(source, system.environment, anchor);
  const problems: Problem[] = [...unresolved];
  const uses: SchemaUse[] = [];
  const broken = new Set(unresolved.map(({ path }) => path));
  const hidden = new Set(substituted.map(({ path }) => JSON.stringify(path)));
  const context: CheckContext = {
    source,
    finder: createFinder(registry, trustedOwners(system.uid, system.environment)),
    anchor,
    isSubstituted: (path) => hidden.has(JSON.stringify(path)),
    use: (use) => uses.push(use),
    report: (path, part, complaint) => {
      // A failed substitution leaves an empty value, which would be reported a second time.
      if (broken.has(path.join('.'))) return;
      const hint = REPLACED_OPTIONS.get(path.join('.')) ?? complaint.hint;
      problems.push(problemAt(source.locate(path, part), path, { ...complaint, hint }));
    },
  };

  const { file, cut } = await checkFile(value, context);
  await usePlugins(file.plugins, context);
  const given = file.inputs ?? (await defaults.inputs?.()) ?? hostInputs(system.platform);
  const isHub = file.hub !== undefined;
  const inputs = await checkSection('inputs', isHub ? withFleet(given) : given, context);
  const processors = await checkSection('processors', file.processors ?? [], context);
  const outputs = await checkSection('outputs', file.outputs ?? defaults.outputs ?? ['console'], context);
  const notifiers = await checkNotifiers(file.notifiers ?? {}, context);
  const around = { inputs, processors, notifiers, names: Object.keys(file.notifiers ?? {}), registry, isHub };
  const alerts = await checkAlerts(file.alerts, around, exceptConsequences(context, cut));
  const secrets = createSecrets(substituted, uses);
  if (problems.length > 0) throw new InvalidConfig(sortProblems(problems).map((one) => redactProblem(one, secrets)));

  const agent = composeAgent(file.agent, system);
  const settings = settingsIn(value);
  return {
    agent,
    journal: file.journal,
    server: file.server,
    hub: file.hub,
    history: file.history,
    log: file.log,
    inputs: inputs.map((entry) => composeInput(entry, agent)),
    processors: processors.map(composeProcessor),
    outputs: outputs.map((entry) => composeOutput(entry, agent)),
    notifiers: notifiers.map(composeNotifier),
    alerts,
    files: source.files,
    fingerprints: fingerprintsOf(settings),
    secrets,
    written: { ...settings, plugins: file.plugins, entries: [...inputs, ...processors, ...outputs, ...notifiers] },
  };
}

/** A hub watches its hosts without being told so twice. */
function withFleet(entries: readonly unknown[]): readonly unknown[] {
  const isThere = entries.some((entry) => entry === FLEET || (isMapping(entry) && Object.hasOwn(entry, FLEET)));
  return isThere ? entries : [...entries, FLEET];
}

function fingerprintsOf(settings: Readonly<Record<SettingsSection, unknown>>): Config['fingerprints'] {
  return Object.fromEntries(Object.entries(settings).map(([name, given]) => [name, fingerprint(given)]));
}

/** @throws InvalidConfig for a value that is not looked at any further */
function checkForm(source: Source, registry: Registry): void {
  const foreign = telegrafForm(source.value, registry);
  if (foreign !== undefined) {
    throw new InvalidConfig([problemAt(source.locate(foreign.path, 'key'), foreign.path, foreign)]);
  }
  const fault = findNestingFault(source.value);
  if (fault === undefined) return;
  throw new InvalidConfig([problemAt(source.locate(fault.path), fault.path.slice(0, 4), fault)]);
}

type File = z.output<typeof fileSchema>;

function settingsIn(value: unknown): Readonly<Record<SettingsSection, unknown>> {
  const given = isMapping(value) ? value : {};
  // Without the section `hub` an agent is none; the others have defaults.
  const absent = (name: string) => (name === 'hub' ? undefined : {});
  return Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, given[name] ?? absent(name)])) as Record<
    SettingsSection,
    unknown
  >;
}

/** Of what was cut out of the section. */
function exceptConsequences({ report }: CheckContext, cut: Salvaged['cut']): Pick<CheckContext, 'report'> {
  return {
    report: (path, part, complaint) => {
      if (!isConsequence(path, cut)) report(path, part, complaint);
    },
  };
}

interface CheckedSections {
  readonly file: File;
  readonly cut: Salvaged['cut'];
}

/**
 * Leaves out invalid sections, so that their problems do not hide those of other sections. Of `alerts`, whose parts refer to
 * each other, only the invalid parts are left out.
 */
async function checkFile(value: unknown, context: CheckContext): Promise<CheckedSections> {
  if (!isMapping(value)) {
    context.report([], 'value', {
      message: 'The configuration must be a mapping with keys such as "inputs" and "outputs"',
      hint: 'write "inputs: [cpu, mem]"',
    });
    return { file: fileSchema.parse({}), cut: [] };
  }
  const valid: Record<string, unknown> = {};
  let salvaged: Salvaged | undefined;
  for (const [key, item] of Object.entries(value)) {
    if (!Object.hasOwn(fileSchema.shape, key)) {
      reportUnknownSection({ [key]: item }, context);
    } else if (item === null) {
      context.report([key], 'key', { message: `"${key}" is empty`, hint: 'fill it in, or remove the key' });
    } else {
      // Wrapped, so that messages can name the section.
      const checked = await checkOptions(fileSchema, { [key]: item }, [], context);
      if (checked !== undefined) valid[key] = item;
      else if (key === 'alerts') salvaged = salvage(fileSchema, { [key]: item });
    }
  }
  for (const section of ['inputs', 'outputs']) reportEmptyList(section, valid[section], context);
  return { file: fileSchema.parse({ ...valid, ...(salvaged?.value as object | undefined) }), cut: salvaged?.cut ?? [] };
}

function reportUnknownSection(section: Readonly<Record<string, unknown>>, { report }: CheckContext): void {
  const issues = fileSchema.safeParse(section, { reportInput: true }).error?.issues ?? [];
  reportAll(findingsOf(issues, { schema: fileSchema, value: section, isHidden: () => true }), report);
}

function reportAll(
  findings: readonly (Complaint & { readonly path: Path; readonly part: Part })[],
  report: CheckContext['report'],
): void {
  for (const { path, part, ...complaint } of findings) report(path, part, complaint);
}

function reportEmptyList(section: string, entries: unknown, { report }: CheckContext): void {
  if (!Array.isArray(entries) || entries.length > 0) return;
  const hint =
    section === 'inputs'
      ? 'add an input, or remove the key to use the common host inputs'
      : 'add an output ("discard" drops everything), or remove the key to use the console';
  report([section], 'key', { message: `"${section}" is an empty list`, hint });
}

async function usePlugins(specifiers: readonly string[], { finder, anchor, report }: CheckContext): Promise<void> {
  for (const [index, specifier] of specifiers.entries()) {
    const path = ['plugins', index];
    try {
      await finder.use(specifier, anchor(path));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      report(path, 'value', error.complaint);
    }
  }
}

function redactProblem(problem: Problem, secrets: Secrets): Problem {
  const { message, hint, sourceLine } = problem;
  return {
    ...problem,
    message: secrets.redact(message),
    hint: hint === undefined ? undefined : secrets.redact(hint),
    sourceLine: sourceLine === undefined ? undefined : secrets.mask(sourceLine),
  };
}
