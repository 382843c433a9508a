/** One zod issue as a sentence. */
import type { z } from '../plugin/index.ts';
import { nearest } from '../registry/nearest.ts';

import type { OptionSchema } from './option-schema.ts';
import type { Complaint } from './problem.ts';
import { isMapping } from './substitute.ts';

export type Issue = z.core.$ZodIssue;

export interface Subject {
  readonly label: string;
  /** As written. */
  readonly given: unknown;
  /** The schemas that apply to the value. */
  readonly here: readonly OptionSchema[];
  readonly hidden: boolean;
}

export function describeIssue(issue: Issue, subject: Subject): Complaint {
  const { label, given: value, here, hidden } = subject;
  if (issue.code === 'invalid_value') return describeChoice(issue.values, subject);
  const given = describeValue(value, hidden);
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union') {
    const message = `${label} must be ${expectedOf(issue, here, value)}, but is ${given}`;
    return { message, hint: typeHint(value, subject) };
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    return { message: `${label} ${boundText(issue, given)}` };
  }
  if (issue.code === 'custom' || hasOwnMessage(issue)) return { message: customText(issue.message, label, given) };
  if (issue.code === 'invalid_format') return { message: `${label} ${formatText(issue)}, but is ${given}` };
  if (issue.code === 'invalid_key') return { message: keyText(issue.issues[0]?.message ?? issue.message, label) };
  return { message: `${label}: ${issue.message}` };
}

function keyText(message: string, label: string): string {
  return /^[A-Z]/.test(message) ? `${label}: ${message}` : `${label} ${message}`;
}

function describeChoice(values: readonly unknown[], { label, given, hidden }: Subject): Complaint {
  const near = typeof given === 'string' && !hidden ? nearest(given, values.map(String)) : undefined;
  const choices = orList(values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value))));
  return {
    message: `${label} must be ${choices}, but is ${describeValue(given, hidden)}`,
    hint: near === undefined ? undefined : `did you mean "${near}"?`,
  };
}

/** Whether the schema brings its own message for a pattern that does not match. */
function hasOwnMessage(issue: Issue): boolean {
  return issue.code === 'invalid_format' && issue.format === 'regex' && !issue.message.startsWith('Invalid');
}

/**
 * A message of our own schemas and of plugins is either a whole sentence or the predicate of one whose subject is the
 * option: a requirement ("must be …") or a fault ("is not …"). Advice may follow after a semicolon.
 */
function customText(message: string, label: string, given: string): string {
  const [claim = '', ...advice] = message.split('; ');
  if (/^(must|may|needs?|cannot)\b/.test(message)) return [`${label} ${claim}, but is ${given}`, ...advice].join('; ');
  if (/^(has|holds|is)\b/.test(message)) return `${label} ${message}`;
  return label === 'this' || message.includes(label) ? message : `${label}: ${message}`;
}

function boundText(issue: Issue & { readonly code: 'too_small' | 'too_big' }, given: string): string {
  const [relation, bound] =
    issue.code === 'too_small' ? ['at least', Number(issue.minimum)] : ['at most', Number(issue.maximum)];
  const counted: string | undefined = COUNTED[issue.origin];
  if (counted === undefined) return `must be ${relation} ${bound}, but is ${given}`;
  if (relation === 'at least' && bound === 1) return 'must not be empty';
  return `must have ${relation} ${bound} ${counted}, but is ${given}`;
}

const COUNTED: Readonly<Record<string, string>> = { string: 'characters', array: 'items', set: 'items' };

function formatText(issue: Issue & { readonly code: 'invalid_format' }): string {
  if (issue.format === 'regex') return 'must match the required pattern';
  return `must be a valid ${issue.format === 'url' ? 'URL' : issue.format}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  integer: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

const FORMATS: Readonly<Record<string, string>> = { duration: 'a duration', bytes: 'a size' };

function expectedOf(issue: Issue, here: readonly OptionSchema[], given: unknown): string {
  const format = here.find((schema) => schema.format !== undefined && FORMATS[schema.format] !== undefined)?.format;
  if (format !== undefined) return FORMATS[format] ?? format;
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? issue.expected;
  const options = 'options' in issue && Array.isArray(issue.options) ? (issue.options as unknown[]) : [];
  if (options.length > 0) return orList(options.map((value) => `"${String(value)}"`));
  // An alternative of a mapping further out may take null where this one does not.
  const types = here.flatMap(({ type }) => type ?? []).filter((type) => type !== 'null' || given !== null);
  return orList([...new Set(types.map((type) => TYPES[type] ?? type))]) || 'something else';
}

function typeHint(input: unknown, { label, here, hidden }: Subject): string | undefined {
  const format = here.find((schema) => schema.format !== undefined)?.format;
  if (format === 'duration')
    return hidden ? 'write it like 10s' : `write it with a unit, like ${exampleOf(input, 's', '10s')}`;
  if (hidden) return undefined;
  const types = here.flatMap(({ type }) => type ?? []);
  if (types.includes('string') && ['number', 'boolean', 'bigint'].includes(typeof input)) return 'put it in quotes';
  if (types.includes('array') && typeof input === 'string') return listHint(input);
  if (types.includes('array') && isMapping(input))
    return `write a list: ${Object.entries(input).map(asItem).join(', ')}`;
  return levelHint(input, label, here);
}

/** Of a command line, such as `df -h`, each word is an item. */
function listHint(text: string): string {
  if (!text.includes(' ')) return `write a list: [${text}]`;
  const isPlain = /^[\w./-]+(?: [\w./-]+)+$/.test(text);
  return isPlain ? `write a list: [${text.split(' ').join(', ')}]` : 'write a list, with an item for each word';
}

/** For a mapping with a value for each level, given one value. */
function levelHint(input: unknown, label: string, here: readonly OptionSchema[]): string | undefined {
  const level = here.map(({ properties }) => properties?.['warning']).find((schema) => schema !== undefined);
  if (level === undefined || !['string', 'number'].includes(typeof input)) return undefined;
  const value = level.type === 'string' ? `'${String(input).replaceAll("'", "''")}'` : String(input);
  return `write ${label.replaceAll('"', '')}: { warning: ${value} }, with a level: info, warning or critical`;
}

function asItem([key, value]: readonly [string, unknown]): string {
  return value === null || value === undefined ? `"- ${key}"` : `"- ${key}: { … }"`;
}

function exampleOf(input: unknown, unit: string, fallback: string): string {
  return typeof input === 'number' ? `${input}${unit}` : fallback;
}

/** The value, shortened. Of a hidden value only the type is shown. */
function describeValue(input: unknown, hidden: boolean): string {
  if (input === null || input === undefined) return 'empty';
  if (typeof input === 'object') return describeObject(input);
  if (hidden) return typeof input === 'string' ? 'a secret string' : 'a secret value';
  if (typeof input === 'string') return input === '' ? 'an empty string' : `the string "${shorten(input)}"`;
  if (typeof input === 'number' || typeof input === 'bigint') return `the number ${input}`;
  return typeof input === 'boolean' ? String(input) : `a ${typeof input}`;
}

function describeObject(input: object): string {
  if (Array.isArray(input)) return 'a list';
  return input instanceof Date ? 'a date' : 'a mapping';
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function orList(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}
