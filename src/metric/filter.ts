import { compileGlobs } from '../core/globs.ts';
import { encodeLines, parseLines, scanLines, SeriesIndex } from './line-protocol.ts';
import type { Metric, Tags } from './metric.ts';
import { internTags, SeriesCache } from './series.ts';

/** Selects metrics by name and tags. Filters have Telegraf's semantics under simpler names. */
export interface Selector {
  /** Globs of measurement names. */
  readonly names?: readonly string[] | undefined;
  /** Tag key → globs of its value. */
  readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface KeySelector {
  readonly only?: readonly string[] | undefined;
  readonly drop?: readonly string[] | undefined;
}

export interface FilterSpec {
  /** Passes only metrics with this value of the tag `host`; undefined in it: those without the tag. */
  readonly host?: { readonly is: string | undefined } | undefined;
  /** Passes a metric if a name glob matches (namepass) and at least one tag matches (tagpass). */
  readonly only?: Selector | undefined;
  /** Drops a metric if a name glob matches (namedrop) or any tag matches (tagdrop). */
  readonly drop?: Selector | undefined;
  /** Keeps or removes fields (fieldinclude, fieldexclude); a metric without fields left is dropped. */
  readonly fields?: KeySelector | undefined;
  /** Keeps or removes tags (taginclude, tagexclude). */
  readonly tag_keys?: KeySelector | undefined;
}

export interface Filter {
  /** Returns the metric itself if nothing changes, a changed copy, or undefined to drop it. */
  apply(metric: Metric): Metric | undefined;
  /** Filters encoded lines. Returns the same array if nothing changes. */
  applyToLines(lines: Uint8Array): FilteredLines;
}

export interface FilteredLines {
  readonly lines: Uint8Array;
  readonly size: number;
}

/**
 * Compiles a filter. Patterns are compiled once, and the verdict on a series is computed once.
 *
 * @returns undefined if the filter passes everything unchanged
 */
export function compileFilter(spec: FilterSpec): Filter | undefined {
  const only = compileSelector(spec.only);
  const drop = compileSelector(spec.drop);
  const field = compileKeys(spec.fields);
  const tagKey = compileKeys(spec.tag_keys);
  const isEditing = field !== undefined || tagKey !== undefined;
  const { host } = spec;
  if (only.length + drop.length === 0 && !isEditing && host === undefined) return undefined;

  const isSelected = (name: string, tags: Tags) =>
    (host === undefined || tags['host'] === host.is) &&
    only.every((test) => test(name, tags)) &&
    !drop.some((test) => test(name, tags));
  const edit = (metric: Metric): Metric | undefined => {
    const fields = pick(metric.fields, field);
    const tags = pick(metric.tags, tagKey);
    if (fields === metric.fields && tags === metric.tags) return metric;
    if (Object.keys(fields).length === 0) return undefined;
    return { ...metric, fields, tags: tags === metric.tags ? tags : internTags(tags) };
  };

  const selected = new SeriesCache(isSelected);
  const index = new SeriesIndex<Verdict>((name, tags) => {
    if (!isSelected(name, tags)) return 'drop';
    return isEditing ? 'edit' : 'keep';
  });
  return {
    apply: (metric) => (selected.get(metric.name, metric.tags) ? edit(metric) : undefined),
    applyToLines: (lines) => filterLines(lines, index, edit),
  };
}

type Verdict = 'keep' | 'drop' | 'edit';
type Matcher = (text: string) => boolean;
type SeriesTest = (name: string, tags: Tags) => boolean;

/** Up to two tests: one for the names, one for the tags. */
function compileSelector({ names = [], tags = {} }: Selector = {}): readonly SeriesTest[] {
  const tests: SeriesTest[] = [];
  if (names.length > 0) tests.push(compileGlobs(names));
  const wanted = Object.entries(tags).map(([key, patterns]) => [key, compileGlobs(patterns)] as const);
  if (wanted.length > 0) {
    tests.push((_name, given) =>
      wanted.some(([key, matches]) => Object.hasOwn(given, key) && matches(given[key] ?? '')),
    );
  }
  return tests;
}

function compileKeys({ only = [], drop = [] }: KeySelector = {}): Matcher | undefined {
  if (only.length + drop.length === 0) return undefined;
  const isWanted = only.length === 0 ? () => true : compileGlobs(only);
  const isUnwanted = compileGlobs(drop);
  const verdicts = new Map<string, boolean>();
  return (key) => {
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = isWanted(key) && !isUnwanted(key);
    if (verdicts.size >= MAX_KEY_VERDICTS) verdicts.clear();
    verdicts.set(key, verdict);
    return verdict;
  };
}

/** A catalog has hundreds of field and tag keys; data from outside can have any number. */
const MAX_KEY_VERDICTS = 10_000;

/** Returns the same object if all keys are kept. */
function pick<T>(record: Readonly<Record<string, T>>, isKept: Matcher | undefined): Readonly<Record<string, T>> {
  if (isKept === undefined) return record;
  const entries = Object.entries(record);
  const kept = entries.filter(([key]) => isKept(key));
  return kept.length === entries.length ? record : Object.fromEntries(kept);
}

/** Copies runs of kept lines as they are; decodes only lines to edit. */
function filterLines(
  lines: Uint8Array,
  index: SeriesIndex<Verdict>,
  edit: (metric: Metric) => Metric | undefined,
): FilteredLines {
  const pieces: Uint8Array[] = [];
  let size = 0;
  /** Start of the kept lines that are not yet in `pieces`. */
  let runStart = 0;
  const replace = (start: number, end: number, piece: Uint8Array) => {
    if (start > runStart) pieces.push(lines.subarray(runStart, start));
    if (piece.length > 0) pieces.push(piece);
    runStart = end;
  };

  scanLines(lines, index, (line) => {
    const end = Math.min(line.end + 1, lines.length);
    if (line.series === 'edit') {
      const raw = lines.subarray(line.start, end);
      const [metric] = parseLines(raw).metrics;
      // A malformed line passes: the destination's refusal will say what is wrong with it.
      const edited = metric === undefined ? undefined : edit(metric);
      if (metric === undefined || edited === metric) size += 1;
      else {
        replace(line.start, end, edited === undefined ? NOTHING : encodeLines([edited]));
        if (edited !== undefined) size += 1;
      }
    } else if (line.series === 'drop') replace(line.start, end, NOTHING);
    else size += 1;
  });

  if (runStart === 0 && pieces.length === 0) return { lines, size };
  replace(lines.length, lines.length, NOTHING);
  return { lines: Buffer.concat(pieces), size };
}

const NOTHING = new Uint8Array(0);
