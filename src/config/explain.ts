/** zod's findings in the words of the person who wrote the file. */
import { nearest } from '../registry/nearest.ts';
import type { z } from '../plugin.ts';

import { isSecret, optionSchema, schemasAt, type OptionSchema } from './option-schema.ts';
import type { Complaint } from './problem.ts';
import type { Part, Path } from './source.ts';

export interface Finding extends Complaint {
  /** Within the checked value. */
  readonly path: Path;
  readonly part: Part;
}

type Issue = z.core.$ZodIssue;

export interface ExplainSettings {
  readonly schema: z.ZodType;
  /** What was checked, before any transform. */
  readonly value: unknown;
  /** Further keys that are valid at the top of the value, for "did you mean". */
  readonly otherKeys?: readonly string[];
  /** Whether the value at a path came from outside the file and must not be shown. */
  readonly isHidden: (path: Path) => boolean;
}

export function explain(issues: readonly Issue[], settings: ExplainSettings): Finding[] {
  const schema = optionSchema(settings.schema);
  return issues.flatMap((issue) => explainOne(issue, [], schema, settings));
}

function explainOne(issue: Issue, base: Path, schema: OptionSchema, settings: ExplainSettings): Finding[] {
  const path = [...base, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, path, schema, settings));
  }
  if (issue.code === 'invalid_union') {
    const better = bestBranch(issue.errors);
    if (better !== undefined) return better.flatMap((inner) => explainOne(inner, path, schema, settings));
  }
  const here = schemasAt(schema, path);
  if (issue.input === undefined && isMissing(issue)) {
    const hint = here.find(({ description }) => description !== undefined)?.description;
    return [{ path, part: 'key', message: `The option ${labelOf(path)} is missing`, hint }];
  }
  const hidden = settings.isHidden(path) || isSecret(schema, path);
  const given = valueAt(settings.value, discriminated(issue, path));
  return [{ path, part: 'value', ...describeIssue(issue, { label: labelOf(path), given, here, hidden }) }];
}

function unknownKey(key: string, path: Path, schema: OptionSchema, { otherKeys }: ExplainSettings): Finding {
  const own = schemasAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}));
  const all = [...new Set([...own, ...(path.length === 0 ? (otherKeys ?? []) : [])])];
  const near = nearest(key, all);
  const place = path.length === 0 ? '' : ` in ${labelOf(path)}`;
  return {
    path: [...path, key],
    part: 'key',
    message: `Unknown option "${key}"${place}`,
    hint: near === undefined ? `there are ${all.join(', ') || 'no options'}` : `did you mean "${near}"?`,
  };
}

/** The one alternative whose type fits, so that what is wrong inside it is told; none if no type fits. */
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => issues.every((issue) => issue.path.length > 0 || !isTypeIssue(issue)));
  return fitting.sort((a, b) => a.length - b.length)[0];
}

function isTypeIssue({ code }: Pick<Issue, 'code'>): boolean {
  return code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union';
}

/** Only these can come from a value that is not there; a check across options may also have no input. */
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

interface Subject {
  readonly label: string;
  /** As written. */
  readonly given: unknown;
  /** The schemas that apply to it. */
  readonly here: readonly OptionSchema[];
  readonly hidden: boolean;
}

function describeIssue(issue: Issue, { label, given: value, here, hidden }: Subject): Complaint {
  const given = describeValue(value, hidden);
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      return {
        message: `${label} must be ${expectedOf(issue, here)}, but is ${given}`,
        hint: typeHint(value, here, hidden),
      };
    case 'invalid_value': {
      const values = issue.values.map(String);
      const near = typeof value === 'string' && !hidden ? nearest(value, values) : undefined;
      return {
        message: `${label} must be ${orList(values.map((value) => `"${value}"`))}, but is ${given}`,
        hint: near === undefined ? undefined : `did you mean "${near}"?`,
      };
    }
    case 'too_small':
      return { message: `${label} ${boundText('at least', issue.origin, Number(issue.minimum))}, but is ${given}` };
    case 'too_big':
      return { message: `${label} ${boundText('at most', issue.origin, Number(issue.maximum))}, but is ${given}` };
    case 'invalid_format':
      return { message: `${label} ${formatText(issue)}, but is ${given}` };
    case 'custom':
      return { message: customText(issue.message, label, given) };
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return { message: `${label}: ${issue.message}` };
  }
}

/** The path of what is wrong; zod gives that of the mapping where the key that chooses between alternatives is wrong. */
function discriminated(issue: Issue, path: Path): Path {
  const discriminator: unknown = 'discriminator' in issue ? issue.discriminator : undefined;
  return typeof discriminator === 'string' && path.at(-1) !== discriminator ? [...path, discriminator] : path;
}

function valueAt(value: unknown, path: Path): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Readonly<Record<string | number, unknown>>)[key];
  }
  return inner;
}

/** A message of our own schemas and of plugins is either a whole sentence or goes on after the option's name. */
function customText(message: string, label: string, given: string): string {
  if (/^(must|may|needs?|cannot|has|is)\b/.test(message)) return `${label} ${message}, but is ${given}`;
  return label === 'this' || message.includes(label) ? message : `${label}: ${message}`;
}

function boundText(relation: string, origin: string, bound: number): string {
  if (origin === 'string') return bound === 1 ? 'must not be empty' : `must have ${relation} ${bound} characters`;
  if (origin === 'array' || origin === 'set')
    return bound === 1 ? 'must not be empty' : `must have ${relation} ${bound} items`;
  return `must be ${relation} ${bound}`;
}

function formatText(issue: Issue & { readonly code: 'invalid_format' }): string {
  if (issue.format !== 'regex') return `must be a valid ${issue.format === 'url' ? 'URL' : issue.format}`;
  return issue.message.startsWith('Invalid') ? 'has a wrong form' : issue.message;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

const FORMATS: Readonly<Record<string, string>> = { duration: 'a duration', bytes: 'a size' };

function expectedOf(issue: Issue, here: readonly OptionSchema[]): string {
  const format = here.find((schema) => schema.format !== undefined && FORMATS[schema.format] !== undefined)?.format;
  if (format !== undefined) return FORMATS[format] ?? format;
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected;
  const options = 'options' in issue && Array.isArray(issue.options) ? (issue.options as unknown[]) : [];
  if (options.length > 0) return orList(options.map((value) => `"${String(value)}"`));
  const types = here.flatMap(({ type }) => type ?? []);
  return orList([...new Set(types.map((type) => TYPES[type] ?? type))]) || 'something else';
}

function typeHint(input: unknown, here: readonly OptionSchema[], hidden: boolean): string | undefined {
  const format = here.find((schema) => schema.format !== undefined)?.format;
  if (format === 'duration')
    return hidden ? 'write it like 10s' : `write it with a unit, like ${exampleOf(input, 's', '10s')}`;
  const types = here.flatMap(({ type }) => type ?? []);
  if (types.includes('string') && ['number', 'boolean', 'bigint'].includes(typeof input) && !hidden) {
    return `put it in quotes: "${String(input)}"`;
  }
  if (types.includes('array') && typeof input === 'string' && !hidden) return `write a list: [${input}]`;
  return undefined;
}

function exampleOf(input: unknown, unit: string, fallback: string): string {
  return typeof input === 'number' ? `${input}${unit}` : fallback;
}

/** What was given, short. A hidden value is told by its type alone. */
function describeValue(input: unknown, hidden: boolean): string {
  if (input === null || input === undefined) return 'empty';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return input instanceof Date ? 'a date' : 'a mapping';
  const type = (TYPES[typeof input] ?? typeof input).replace(/^(a|an) /, '');
  if (hidden) return `a secret ${typeof input === 'boolean' ? 'value' : type}`;
  if (typeof input === 'string') return input === '' ? 'an empty text' : `the text "${shorten(input)}"`;
  return typeof input === 'boolean' ? String(input) : `the number ${String(input)}`;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function orList(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}
