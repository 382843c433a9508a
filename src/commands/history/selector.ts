/** Selects series on the command line: globs over `measurement.field`, and tags as a rule's `where` has them. */
import { compilePattern } from '../../alerts/audience/patterns.ts';
import { parseSeriesName } from '../../api/series-name.ts';
import { compileGlobs } from '../../core/globs.ts';
import { ConfigError, describeError } from '../../core/errors.ts';
import type { SeriesSet } from '../../history/access.ts';
import type { Tags } from '../../metric/metric.ts';

export interface Selector {
  /** As it was written. */
  readonly text: string;
  /** The part before the tags. */
  readonly name: string;
  matchesName(measurement: string, field: string): boolean;
  matchesTags(tags: Tags): boolean;
}

/** The name, and tags in braces: `{` with a `=` in it, since a glob may have braces too. */
const FORM = /^([^=]*?)(?:\{([^{}=]+=[^{}]*)\})?$/s;
const SPECIAL = /[*?[{\\]/;

/**
 * Compiles `cpu.usage_*{cpu=cpu0}`. A measurement alone stands for all its fields. Tags that do not exist are empty.
 *
 * @throws ConfigError if it is no such text
 */
export function compileSelector(text: string): Selector {
  const { name, tags } = partsOf(text.trim()) ?? { name: '', tags: [] };
  if (name === '') throw wrong(text, 'it names no measurement');
  try {
    const matches = compileGlobs(name.includes('.') || /[*{]/.test(name) ? [name] : [`${name}.*`]);
    const tests = tags.map(([key, value]) => [key, compilePattern(value)] as const);
    return {
      text,
      name,
      matchesName: (measurement, field) => matches(`${measurement}.${field}`),
      matchesTags: (given) => tests.every(([key, matchesValue]) => matchesValue(given[key] ?? '')),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw wrong(text, describeError(error));
  }
}

interface Parts {
  readonly name: string;
  readonly tags: readonly (readonly [key: string, pattern: string])[];
}

/** A name as it is printed, in which values may be quoted, or a looser form. */
function partsOf(text: string): Parts | undefined {
  const printed = parseSeriesName(text);
  if (printed !== undefined)
    return { name: `${printed.measurement}.${printed.field}`, tags: Object.entries(printed.tags) };
  const [, name, tags] = FORM.exec(text) ?? [];
  if (name === undefined) return undefined;
  return { name, tags: tags === undefined ? [] : tags.split(',').map((pair) => pairOf(text, pair)) };
}

function pairOf(text: string, pair: string): readonly [string, string] {
  const [, key, value = ''] = /^\s*([^=]+?)\s*=(.*)$/s.exec(pair) ?? [];
  if (key === undefined) throw wrong(text, `"${pair}" is not tag=value`);
  return [key, value.trim()];
}

function wrong(text: string, why: string): ConfigError {
  return new ConfigError(
    `"${text}" is no selection of series: ${why}; write cpu.usage_idle, 'cpu.*' or 'net.*{interface=eth*}'`,
  );
}

/** Whether it is a name and no glob. */
export function isLiteral({ name }: Selector): boolean {
  return !SPECIAL.test(name);
}

export interface Selection {
  isWanted(set: SeriesSet): boolean;
  isField(set: SeriesSet, field: string): boolean;
}

/** What any of the selectors matches; everything without one. */
export function selectionOf(selectors: readonly Selector[]): Selection {
  if (selectors.length === 0) return { isWanted: () => true, isField: () => true };
  const ofTags = (set: SeriesSet) => selectors.filter(({ matchesTags }) => matchesTags(set.tags));
  return {
    isWanted: (set) => ofTags(set).length > 0,
    isField: (set, field) => ofTags(set).some(({ matchesName }) => matchesName(set.name, field)),
  };
}
