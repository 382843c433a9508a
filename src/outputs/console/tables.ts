/** One section per second, with one table per measurement and one row per series. */
import { printable } from '../../plugin/index.ts';
import type { Metric } from '../../plugin/index.ts';

import type { Paint } from './palette.ts';
import { cells, padEnd, padStart, shorten, widest } from './cells.ts';
import { sharedTags, rankedFields, distinguishingTags } from './relevance.ts';
import { valueStyle, valueText } from './values.ts';

export interface TableOptions {
  /** Width of the terminal. */
  readonly columns: number;
  readonly paint: Paint;
}

interface Column {
  readonly field: string;
  readonly values: readonly string[];
  readonly width: number;
}

const GAP = '  ';
const MAX_LABEL_CELLS = 28;
const NARROWEST = 20;

export function renderTables(metrics: Iterable<Metric>, { columns, paint }: TableOptions): string {
  const options = { columns: Math.max(columns, NARROWEST), paint };
  const seconds = groupBy(mergePoints(metrics), ({ time }) => String(time / 1_000_000_000n));
  return [...seconds]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([second, group]) => section(Number(second), group, options))
    .join('');
}

/** Merges metrics with the same series and time, as a database does. */
function mergePoints(metrics: Iterable<Metric>): readonly Metric[] {
  const points = groupBy(metrics, ({ name, tags, time }) => JSON.stringify([name, tags, String(time)]));
  return [...points.values()].flatMap((parts) => {
    const [first, ...others] = parts;
    if (first === undefined || others.length === 0) return parts;
    return [{ ...first, fields: Object.fromEntries(parts.flatMap(({ fields }) => Object.entries(fields))) }];
  });
}

function section(seconds: number, metrics: readonly Metric[], options: TableOptions): string {
  const shared = sharedTags(metrics);
  const keys = new Set(shared.map(([key]) => key));
  const tables = [...groupBy(metrics, ({ name }) => name)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, group]) => table(name, group, keys, options));
  return `${rule(seconds, shared, options)}\n\n${tables.join('\n')}\n`;
}

/** The heading of a section, in local time: `── 12:00:10 ── web-01 dc=fra1 ─────────`. */
function rule(
  seconds: number,
  shared: readonly (readonly [string, string])[],
  { columns, paint }: TableOptions,
): string {
  const time = new Date(seconds * 1000).toTimeString().slice(0, 8);
  const about = shorten(shared.map(([key, value]) => tagText(key, value)).join(' '), columns - 17);
  const used = cells(`── ${time} ── ${about} `);
  const line = about === '' ? '─'.repeat(columns - 12) : `── ${about} ${'─'.repeat(Math.max(0, columns - used))}`;
  return `${paint('quiet', '──')} ${paint('title', time)} ${paint('quiet', line)}`;
}

function tagText(key: string, value: string): string {
  return key === 'host' ? printable(value) : `${printable(key)}=${printable(value)}`;
}

function table(name: string, metrics: readonly Metric[], known: ReadonlySet<string>, options: TableOptions): string {
  const { columns, paint } = options;
  const naming = distinguishingTags(metrics);
  const rows = sortRows(metrics, naming);
  const about = sharedTags(metrics)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => tagText(key, value))
    .join(' ');

  const title = shorten(printable(name), columns - 1);
  const labels = rows.map(({ tags }) => shorten(label(tags, naming), MAX_LABEL_CELLS));
  const labelWidth = widest(labels);
  const { shown, hidden } = fitColumns(rows, columns - GAP.length - labelWidth);
  const indent = labelWidth === 0 ? '' : ' '.repeat(labelWidth);

  const caption = [about, hidden > 0 ? `+${hidden} more` : ''].filter((text) => text !== '').join(GAP);
  const lines = [
    `${paint('title', title)} ${paint('quiet', shorten(caption, Math.max(1, columns - cells(title) - 1)))}`.trimEnd(),
    GAP + indent + shown.map(({ field, width }) => GAP + paint('heading', padStart(printable(field), width))).join(''),
    ...rows.map(({ fields }, row) => {
      const values = shown.map(({ field, values: texts, width }) => {
        const text = padStart(texts[row] ?? '', width);
        const style = valueStyle(field, fields[field]);
        return GAP + (style === undefined ? text : paint(style, text));
      });
      return GAP + paint('label', padEnd(labels[row] ?? '', labelWidth)) + values.join('');
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function label(tags: Metric['tags'], naming: readonly string[]): string {
  return naming
    .map((key) => tags[key])
    .filter((value) => value !== undefined)
    .map((value) => printable(value))
    .join(' ');
}

/** As many columns as fit, but at least one. */
function fitColumns(rows: readonly Metric[], width: number) {
  const shown: Column[] = [];
  const fields = rankedFields(rows);
  let left = width;
  for (const field of fields) {
    const values = rows.map(({ fields: all }) => valueText(all[field]));
    const wide = Math.max(cells(printable(field)), widest(values));
    left -= GAP.length + wide;
    if (left < 0 && shown.length > 0) break;
    shown.push({ field, values, width: wide });
  }
  return { shown, hidden: fields.length - shown.length };
}

/** `cpu2` before `cpu10`, and a total before its parts. */
function sortRows(metrics: readonly Metric[], naming: readonly string[]): readonly Metric[] {
  const keyed = metrics.map((metric) => ({ metric, key: label(metric.tags, naming) }));
  const isTotal = (key: string) => (/(^|-)total$|^all$/.test(key) ? 0 : 1);
  return keyed
    .sort((a, b) => isTotal(a.key) - isTotal(b.key) || collator.compare(a.key, b.key))
    .map(({ metric }) => metric);
}

const collator = new Intl.Collator('en', { numeric: true });

function groupBy(metrics: Iterable<Metric>, keyOf: (metric: Metric) => string): ReadonlyMap<string, Metric[]> {
  const groups = new Map<string, Metric[]>();
  for (const metric of metrics) {
    const key = keyOf(metric);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [metric]);
    else group.push(metric);
  }
  return groups;
}
