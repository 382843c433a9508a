/** Renders templates such as `{{ value | round(1) }}`. They have no logic, so a rule can only produce text. */
import { formatValue, humanDuration } from '../../plugin/message-text.ts';

import type { Facts } from './rule.ts';

const PLACE = /\{\{([^{}]*)\}\}/g;
const PLACE_AT_START = /^\{\{[^{}]*\}\}/;

type Value = string | number | undefined;

type Filter = (value: Value, argument: string | undefined) => Value;

const FILTERS: Readonly<Record<string, Filter>> = {
  round: (value, digits) => Number(numberOf(value).toFixed(Math.min(10, Math.max(0, Number(digits ?? 0))))),
  bytes: (value) => formatValue(numberOf(value), 'bytes'),
  /** Takes milliseconds. */
  duration: (value) => humanDuration(numberOf(value)),
  percent: (value) => formatValue(numberOf(value), 'percent'),
  upper: (value) => String(value).toUpperCase(),
  default: (value, fallback) => (value === undefined || value === '' ? (fallback ?? '') : value),
};

/** Never throws: a placeholder that fails stays in the text, and the error and the raw values are appended. */
export function render(template: string, facts: Facts): string {
  const faults: string[] = [];
  const text = template.replace(PLACE, (_, inside: string, at: number) => {
    try {
      const value = evaluate(inside, facts);
      if (value === undefined) return '';
      const isFollowed = /^\s*%/.test(template.slice(at).replace(PLACE_AT_START, ''));
      return typeof value === 'number' && !isFollowed ? withPercent(value, inside, facts) : String(value);
    } catch (error) {
      faults.push((error as Error).message);
      return `{{${inside}}}`;
    }
  });
  return faults.length === 0 ? text : `${text} [template error: ${faults.join('; ')}] ${rawValues(facts)}`;
}

/** The fault of a template that can be found without facts, if there is one. */
export function templateFault(template: string): string | undefined {
  for (const [, inside = ''] of template.matchAll(PLACE)) {
    const [path = '', ...filters] = inside.split('|').map((part) => part.trim());
    if (!ROOTS.has(path.split('.')[0] ?? '')) return `unknown variable "${path}"; valid: ${[...ROOTS].join(', ')}`;
    for (const filter of filters) {
      const { name } = parseFilter(filter);
      if (!Object.hasOwn(FILTERS, name)) return `unknown filter "${name}"; valid: ${Object.keys(FILTERS).join(', ')}`;
    }
  }
  return undefined;
}

const ROOTS = new Set(['rule', 'host', 'level', 'value', 'unit', 'threshold', 'tags', 'labels', 'duration']);

function evaluate(inside: string, facts: Facts): Value {
  const [path = '', ...filters] = inside.split('|').map((part) => part.trim());
  let value = lookUp(path, facts);
  if (filters.length === 0) return plain(path, value, facts);
  for (const filter of filters) {
    const { name, argument } = parseFilter(filter);
    const apply = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
    if (apply === undefined) throw new Error(`unknown filter "${name}"`);
    value = apply(value, argument);
  }
  return value;
}

function parseFilter(text: string): { readonly name: string; readonly argument: string | undefined } {
  const [, name = text, argument] = /^(\w+)\s*\(\s*"?([^")]*)"?\s*\)$/.exec(text) ?? [];
  return { name, argument };
}

/** A missing tag or label is undefined; an unknown root is an error. */
function lookUp(path: string, facts: Facts): Value {
  const [root = '', ...rest] = path.split('.');
  if (!ROOTS.has(root)) throw new Error(`unknown variable "${path}"`);
  if (root !== 'tags' && root !== 'labels') return facts[root as Exclude<keyof Facts, 'tags' | 'labels' | 'isMissing'>];
  const key = rest.join('.');
  return Object.hasOwn(facts[root], key) ? facts[root][key] : undefined;
}

/** Without a filter a number is shown with its unit, and a value so that it differs from the threshold. */
function plain(path: string, value: Value, { unit, threshold }: Facts): Value {
  if (typeof value !== 'number') return value;
  if (path === 'duration') return humanDuration(value);
  return formatValue(value, unit, threshold);
}

/** A percentage that is only rounded stays one, unless the template writes its own sign. */
function withPercent(value: number, inside: string, { unit }: Facts): string {
  return unit === 'percent' && /^\s*(value|threshold)\b/.test(inside) ? `${value} %` : String(value);
}

function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  throw new Error(`${String(value)} is not a number`);
}

function rawValues({ rule, host, level, value, threshold, tags }: Facts): string {
  return JSON.stringify({ rule, host, level, value, threshold, tags });
}
