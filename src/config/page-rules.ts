/** `alerts.d/page.yaml`, which holds the rules that people write on the page. Comments and other rules in it stay. */
import { isMap, isSeq, LineCounter, parseDocument, type Document, type YAMLMap } from 'yaml';

import { ConfigError } from '../core/errors.ts';

/** The limits of a rule, as typed: `85`, `85%`, `20GiB`. */
export interface RuleLimits {
  readonly id: string;
  /** Of a new rule, `measurement.field`. Undefined: the limits of the rule `id` change. */
  readonly metric?: string | undefined;
  readonly direction: 'above' | 'below';
  readonly warning?: string | undefined;
  readonly critical?: string | undefined;
  /** Such as `5m`. */
  readonly for?: string | undefined;
}

export interface RulesText {
  readonly text: string;
  /** Of the rule: its first and last line, counted from 1. */
  readonly lines: readonly [number, number];
}

const HEAD = ' Rules that were written on the page. Files of alerts.d/ are parts of the section alerts.';

/**
 * The file with a rule: added, or put in the place of the one with its id.
 *
 * @param text of the file; undefined if there is none
 * @throws ConfigError if the file cannot hold rules
 */
export function withRule(text: string | undefined, limits: RuleLimits): RulesText {
  const document = parseDocument(text ?? '');
  const [fault] = document.errors;
  if (fault !== undefined) throw new ConfigError(`page.yaml is not valid YAML: ${fault.message}`);
  if (document.contents === null) {
    document.contents = document.createNode({}) as Document.Parsed['contents'];
    document.commentBefore ??= HEAD;
  }
  if (!isMap(document.contents)) throw new ConfigError('page.yaml must be a mapping with the list "rules"');
  if (!document.has('rules')) document.set('rules', document.createNode([]));
  const rules: unknown = document.get('rules');
  if (!isSeq(rules)) throw new ConfigError('"rules" of page.yaml must be a list');
  rules.flow = false;
  const known = rules.items.find((item): item is YAMLMap => isMap(item) && idOf(item) === limits.id);
  const rule = known ?? document.createNode(newRule(limits));
  if (known === undefined) rules.add(rule);
  else setLimits(document, known, limits);
  const changed = document.toString({ lineWidth: 0 });
  return { text: changed, lines: linesOf(changed, rules.items.indexOf(rule)) };
}

/** Ids of the rules that the file has of its own, without changes to others. */
export function ownIds(text: string | undefined): readonly string[] {
  const rules: unknown = parseDocument(text ?? '').get('rules');
  if (!isSeq(rules)) return [];
  return rules.items.flatMap((item) => (isMap(item) && item.has('id') ? [String(item.get('id'))] : []));
}

function idOf(rule: YAMLMap): string {
  const id: unknown = rule.get('id') ?? rule.get('override');
  return typeof id === 'string' ? id : '';
}

function newRule({ id, metric, ...limits }: RuleLimits) {
  return { ...(metric === undefined ? { override: id } : { id, metric }), ...limitsOf(limits) };
}

/** What is not typed stays as it is, so that a rule can be made stricter without writing all of it again. */
function setLimits(document: Document, rule: YAMLMap, { metric, ...limits }: RuleLimits): void {
  if (metric !== undefined && rule.has('id')) rule.set('metric', metric);
  const { direction } = limits;
  const next = limitsOf(limits);
  if (next.for !== undefined) rule.set('for', next.for);
  if (next[direction] === undefined) return;
  rule.delete(direction === 'above' ? 'below' : 'above');
  const levels: unknown = rule.get(direction);
  if (!isMap(levels)) rule.set(direction, document.createNode(next[direction]));
  else for (const [level, at] of Object.entries(next[direction])) levels.set(level, at);
}

function limitsOf({ direction, warning, critical, for: wait }: Omit<RuleLimits, 'id' | 'metric'>) {
  const levels = {
    ...(warning === undefined ? {} : { warning: numberOr(warning) }),
    ...(critical === undefined ? {} : { critical: numberOr(critical) }),
  };
  return {
    ...(Object.keys(levels).length === 0 ? {} : { [direction]: levels }),
    ...(wait === undefined ? {} : { for: wait }),
  } as {
    above?: typeof levels;
    below?: typeof levels;
    for?: string;
  };
}

function numberOr(text: string): number | string {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : text;
}

function linesOf(text: string, index: number): readonly [number, number] {
  const counter = new LineCounter();
  const rule: unknown = parseDocument(text, { lineCounter: counter }).getIn(['rules', index], true);
  const [start, end] = isMap(rule) && rule.range ? rule.range : [0, text.length];
  return [counter.linePos(start).line, counter.linePos(Math.max(start, end - 1)).line];
}
