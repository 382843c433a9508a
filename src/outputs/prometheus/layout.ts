/** The order of the lines and their headings. Rebuilt only when a series appears or disappears. */
import type { Label } from '../prometheus-names.ts';

import type { Family, Series } from './series.ts';

export interface Block {
  /** `# HELP` and `# TYPE` in the text format. */
  readonly text: string;
  /** The same and `# UNIT` in OpenMetrics. */
  readonly openMetrics: string;
  readonly series: readonly Series[];
}

type Families = ReadonlyMap<string, Family>;

interface Heading extends Pick<Family, 'name' | 'help' | 'unit'> {
  readonly type: Family['type'] | 'histogram' | 'summary';
}

/** Series that form a histogram or a summary. */
interface Compound {
  readonly type: 'histogram' | 'summary';
  /** The families that are listed under its heading. */
  readonly members: readonly Family[];
  /** The label that distinguishes its lines. */
  readonly label: string;
}

export function layOut(families: Families): readonly Block[] {
  const compounds = compoundsOf(families);
  const members = new Set([...compounds.values()].flatMap((compound) => compound.members));
  const single = [...families.values()]
    .filter((family) => !members.has(family))
    .map((family) => blockOf(family, [...family.series.values()], openMetricsName(family, families, compounds)));
  const joined = [...compounds].map(([name, compound]) => {
    const { help = '', unit } = compound.members[0] ?? {};
    return blockOf({ name, type: compound.type, help, unit }, grouped(compound), name);
  });
  return [...single, ...joined];
}

/** A histogram has series `x_bucket` with a label `le`, and `x_count`; a summary `x` with `quantile`, and `x_count`. */
function compoundsOf(families: Families): ReadonlyMap<string, Compound> {
  const found = new Map<string, Compound>();
  for (const family of families.values()) {
    const base = family.name.replace(/_bucket$/, '');
    const isHistogram = base !== family.name;
    const label = isHistogram ? 'le' : 'quantile';
    const count = families.get(`${base}_count`);
    if (family.type !== 'untyped' || count?.type !== 'untyped' || !areNumbers(family, label)) continue;
    // A family with the same name as the histogram would result in two headings with that name.
    if (isHistogram && families.has(base)) continue;
    const sum = families.get(`${base}_sum`);
    const members = sum?.type === 'untyped' ? [family, sum, count] : [family, count];
    found.set(base, { type: isHistogram ? 'histogram' : 'summary', members, label });
  }
  return found;
}

/** Whether every series has the label, with a value that parses as a number. */
function areNumbers({ series }: Family, label: string): boolean {
  return [...series.values()].every(({ labels }) => {
    const value = labels.find(([name]) => name === label)?.[1] ?? '';
    return /^\+?Inf$|^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(value);
  });
}

/** All lines with the same other labels are consecutive. */
function grouped({ members, label }: Compound): readonly Series[] {
  const groups = new Map<string, Series[]>();
  for (const series of members.flatMap((family) => [...family.series.values()])) {
    const key = JSON.stringify(series.labels.filter(([name]) => name !== label));
    const group = groups.get(key) ?? [];
    group.push(series);
    groups.set(key, group);
  }
  // Lines without the label (sum and count) come last.
  const order = ({ labels }: Series) => numberOf(labels.find(([name]) => name === label));
  return [...groups.values()].flatMap((group) => group.sort((a, b) => order(a) - order(b)));
}

function numberOf(label: Label | undefined): number {
  if (label === undefined) return Number.MAX_VALUE;
  return /inf/i.test(label[1]) ? Number.MAX_VALUE / 2 : Number(label[1]);
}

/** In OpenMetrics a counter ends in `_total`, and its heading has the name without it, unless another family has that name. */
function openMetricsName({ name, type }: Family, families: Families, compounds: ReadonlyMap<string, Compound>): string {
  const base = type === 'counter' ? name.replace(/(?<=.)_total$/, '') : name;
  return families.has(base) || compounds.has(base) ? name : base;
}

function blockOf({ name, type, help, unit }: Heading, series: readonly Series[], openMetricsName: string): Block {
  const helpLine = help === '' ? '' : `# HELP ${name} ${escape(help)}\n`;
  // Sample names are the same in both formats, so a counter whose name does not end in `_total` is `unknown` in OpenMetrics.
  const isKnown = type !== 'untyped' && (type !== 'counter' || openMetricsName !== name);
  return {
    text: `${helpLine}# TYPE ${name} ${type}\n`,
    openMetrics: openMetricsHeading({ name: openMetricsName, type: isKnown ? type : 'unknown', help, unit }),
    series,
  };
}

function openMetricsHeading({ name, type, help, unit }: Omit<Heading, 'type'> & { readonly type: string }): string {
  const unitLine = unit !== undefined && name.endsWith(`_${unit}`) ? `# UNIT ${name} ${unit}\n` : '';
  const helpLine = help === '' ? '' : `# HELP ${name} ${escape(help).replaceAll('"', '\\"')}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}${helpLine}`;
}

function escape(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
