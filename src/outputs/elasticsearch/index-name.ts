/** Index names: templates with dates and tags, and the naming rules of Elasticsearch. */
import { milliseconds, type Metric } from '../../plugin/index.ts';

/** Maximum length of an index name. Bytes; templates result in ASCII. */
const MAX_NAME = 255;

const PLACEHOLDER = /%(.)|\{\{\s*([^{}]+?)\s*\}\}/g;

const DATE_PARTS: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  y: (date) => digits(date.getUTCFullYear() % 100),
  m: (date) => digits(date.getUTCMonth() + 1),
  d: (date) => digits(date.getUTCDate()),
  H: (date) => digits(date.getUTCHours()),
  V: (date) => digits(weekOf(date)),
};

export type IndexNamer = (metric: Metric) => string;

/** @param fallback used for tags that the metric does not have */
export function indexNamer(template: string, fallback: string): IndexNamer {
  if (!template.match(PLACEHOLDER)) return () => template;
  return ({ name, tags, time }) => {
    const filled = template.replace(PLACEHOLDER, (_, code: string | undefined, key: string | undefined) => {
      if (code !== undefined) return DATE_PARTS[code]?.(new Date(milliseconds(time))) ?? '';
      const value = key === 'measurement' ? name : (tags[key ?? ''] ?? fallback);
      return legalPart(value);
    });
    return filled.slice(0, MAX_NAME);
  };
}

/** An index pattern that matches all names that the template can result in. */
export function patternOf(template: string): string {
  return template.replace(PLACEHOLDER, '*').replace(/\*+/g, '*');
}

/** @returns a message that says what is wrong with a template; undefined if it is valid */
export function problemOfName(template: string): string | undefined {
  for (const [, code] of template.matchAll(PLACEHOLDER)) {
    if (code !== undefined && !(code in DATE_PARTS)) {
      return `%${code} is unknown; use ${Object.keys(DATE_PARTS)
        .map((known) => `%${known}`)
        .join(', ')}`;
    }
  }
  const fixed = template.replace(PLACEHOLDER, '0');
  if (fixed.length > MAX_NAME / 2) return `must be shorter than ${Math.floor(MAX_NAME / 2)} characters`;
  if (!/^[a-z0-9]/.test(template)) return 'must begin with a fixed lower-case letter or digit';
  const illegal = /[^a-z0-9._+-]/.exec(fixed)?.[0];
  return illegal === undefined ? undefined : `must not contain "${illegal}"; index names consist of a-z 0-9 . _ + -`;
}

/** Lower case; characters that Elasticsearch rejects in a name (blanks, `\/*?"<>|,#:`) and other special ones become `_`. */
function legalPart(value: string): string {
  return value.toLowerCase().replace(/[^a-z0-9._+-]/g, '_');
}

function digits(value: number): string {
  return String(value).padStart(2, '0');
}

/** ISO 8601 week: the week is in the year of its Thursday. */
function weekOf(date: Date): number {
  const day = 86_400_000;
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const thursday = midnight + (4 - (date.getUTCDay() || 7)) * day;
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - newYear) / (7 * day)) + 1;
}
