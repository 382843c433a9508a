/** zod issues → findings: path, message and hint, in the terms of the configuration file. */
import { nearest } from '../registry/nearest.ts';
import type { z } from '../plugin/index.ts';

import { describeIssue, type Issue } from './describe-issue.ts';
import { isMarked, optionSchema, schemasAt, type OptionSchema } from './option-schema.ts';
import type { Complaint } from './problem.ts';
import type { Part, Path } from './source.ts';
import { telegrafName } from './telegraf.ts';
import { urlSecrets } from './url-secrets.ts';

export interface Finding extends Complaint {
  /** Relative to the checked value. */
  readonly path: Path;
  readonly part: Part;
}

export interface FindingSettings {
  readonly schema: z.ZodType;
  /** The checked value, before any transform. */
  readonly value: unknown;
  /** Further keys that are valid at the top of the value, for "did you mean". */
  readonly otherKeys?: readonly string[];
  /** Whether the value at a path comes from outside the file and must not be shown. */
  readonly isHidden: (path: Path) => boolean;
}

export function findingsOf(issues: readonly Issue[], settings: FindingSettings): Finding[] {
  const schema = optionSchema(settings.schema);
  return issues.flatMap((issue) => findingsOfIssue(issue, [], schema, settings));
}

function findingsOfIssue(issue: Issue, base: Path, schema: OptionSchema, settings: FindingSettings): Finding[] {
  const path = [...base, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, path, schema, settings));
  }
  if (issue.code === 'invalid_union') {
    const better = bestBranch(issue.errors);
    if (better !== undefined) return better.flatMap((inner) => findingsOfIssue(inner, path, schema, settings));
  }
  const here = schemasAt(schema, path);
  if (issue.input === undefined && isMissing(issue)) {
    const hint = here.find(({ description }) => description !== undefined)?.description;
    return [{ path, part: 'key', message: `The option ${labelOf(path)} is missing`, hint }];
  }
  const given = valueAt(settings.value, discriminated(issue, path));
  const isMarkedHere = isMarked(schema, path, 'secret') || isMarked(schema, path, 'private');
  const hidden = settings.isHidden(path) || isMarkedHere || holdsPassword(given);
  const part = issue.code === 'invalid_key' ? 'key' : 'value';
  return [{ path, part, ...describeIssue(issue, { label: labelOf(path), given, here, hidden }) }];
}

function unknownKey(key: string, path: Path, schema: OptionSchema, { otherKeys }: FindingSettings): Finding {
  const own = schemasAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}));
  const all = [...new Set([...own, ...(path.length === 0 ? (otherKeys ?? []) : [])])];
  const near = nearest(key, all);
  const place = path.length === 0 ? '' : ` in ${labelOf(path)}`;
  return {
    path: [...path, key],
    part: 'key',
    message: `Unknown option "${key}"${place}`,
    hint: telegrafName(key) ?? (near === undefined ? optionsHint(all) : `did you mean "${near}"?`),
  };
}

function optionsHint(all: readonly string[]): string {
  return all.length === 0 ? 'it takes no options' : `valid options: ${all.join(', ')}`;
}

/** The alternative whose type fits, so that the fault inside it is reported; none if no type fits. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => issues.every((issue) => issue.path.length > 0 || !isTypeIssue(issue)));
  return fitting.sort((a, b) => faultsIn(a) - faultsIn(b))[0];
}

/** Unknown keys are a single issue. */
function faultsIn(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

function isTypeIssue({ code }: Pick<Issue, 'code'>): boolean {
  return code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union';
}

/** Only these mean that a value is missing; a check across several options has no input either. */
function isMissing({ code }: Issue): boolean {
  return isTypeIssue({ code });
}

function labelOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'this';
  if (typeof last === 'string') return `"${last}"`;
  const holder = path.findLast((key) => typeof key === 'string');
  return `item ${last + 1}${holder === undefined ? '' : ` of "${holder}"`}`;
}

/** The path of the wrong value. For a wrong discriminator zod gives the path of the mapping around it. */
function discriminated(issue: Issue, path: Path): Path {
  const discriminator: unknown = 'discriminator' in issue ? issue.discriminator : undefined;
  return typeof discriminator === 'string' && path.at(-1) !== discriminator ? [...path, discriminator] : path;
}

function holdsPassword(given: unknown): boolean {
  return typeof given === 'string' && urlSecrets(given).length > 0;
}

function valueAt(value: unknown, path: Path): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Readonly<Record<string | number, unknown>>)[key];
  }
  return inner;
}
