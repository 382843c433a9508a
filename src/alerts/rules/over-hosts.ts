/** `hosts`: how the values of many hosts become one. */
import type { Tags } from '../../metric/metric.ts';

import { calculationOf } from './calculation.ts';
import { isBeyond } from './conditions.ts';
import type { FieldRef } from './fields.ts';
import { readLimit } from './level-thresholds.ts';
import { RuleFault } from './rule-fault.ts';
import type { OverHosts } from './rule.ts';
import type { RuleConfig } from './schema.ts';

type Written = NonNullable<RuleConfig['hosts']>;

const SELECTIONS = ['above', 'below', 'equals'] as const;

/** Keys that say something about each series. */
const OF_SERIES = ['when', 'equals', 'deadman', 'across', 'and', 'context', 'after_change', 'series_gone'] as const;

/** @throws RuleFault for keys that a rule across hosts does not have */
export function refuseBesideHosts(config: RuleConfig): void {
  const found = OF_SERIES.find((key) => config[key] !== undefined);
  if (found !== undefined)
    throw new RuleFault(`"${found}" is about each series, so it has no meaning with "hosts"`, [found], 'remove it');
  const index = config.group_by?.findIndex((key) => key.split('|').includes('host')) ?? -1;
  if (index >= 0)
    throw new RuleFault(
      'A rule across hosts cannot be grouped by "host"',
      ['group_by', index],
      'remove "hosts" for one alert per host, or group by a tag such as "role"',
    );
}

interface Over {
  readonly hosts: OverHosts;
  readonly operands: readonly { readonly measurement: string; readonly field: string }[];
  /** Of the value over hosts. */
  readonly unit: string;
}

/** @throws RuleFault */
export async function hostsOf(config: RuleConfig, written: Written, metric: FieldRef): Promise<Over> {
  refuseSelection(written, metric);
  const isNumber = isNumeric(written.fn);
  const operands: { measurement: string; field: string }[] = [metric];
  const calculate = await calculationOf(config, operands);
  const own = metric.spec?.unit ?? '';
  const isCounted = selection(written, own);
  return {
    operands,
    unit: UNITS[written.fn] ?? own,
    hosts: {
      fn: written.fn,
      measurement: metric.measurement,
      fresh: written.fresh,
      isLowBad: isNumber ? config.below !== undefined : written.below !== undefined,
      isCounted,
      valueOf: (values) => valueOf(values, calculate, isNumber),
    },
  };
}

/** @throws RuleFault */
function refuseSelection(written: Written, metric: FieldRef): void {
  const given = SELECTIONS.filter((key) => written[key] !== undefined);
  const isNumber = isNumeric(written.fn);
  if (isNumber && given[0] !== undefined)
    throw new RuleFault(`"${given[0]}" selects hosts to count; it has no meaning with "${written.fn}"`, [
      'hosts',
      given[0],
    ]);
  if (given.length > 1)
    throw new RuleFault(`"hosts" selects by "${given.join('" and "')}"; only one is possible`, [
      'hosts',
      given[1] ?? '',
    ]);
  if (written.fn === 'share' && given.length === 0)
    throw new RuleFault('A share of hosts needs "above", "below" or "equals"', ['hosts'], 'write "above: 90"');
  if (metric.spec?.type === 'string' && written.equals === undefined && written.fn !== 'count') refuseText(metric);
}

const UNITS: Partial<Readonly<Record<Written['fn'], string>>> = { count: 'hosts', share: 'percent' };

function isNumeric(fn: Written['fn']): boolean {
  return fn !== 'count' && fn !== 'share';
}

function refuseText({ measurement, field }: FieldRef): never {
  throw new RuleFault(`"${measurement}.${field}" is a string`, ['metric'], 'count hosts by "equals"');
}

type Values = Parameters<OverHosts['valueOf']>[0];
type Calculate = Awaited<ReturnType<typeof calculationOf>>;

function valueOf(values: Values, calculate: Calculate, isNumber: boolean): Values[number] {
  if (calculate === undefined && !isNumber) return values[0];
  const numbers = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  const operands = numbers.map((value) => (typeof value === 'number' ? value : undefined));
  const value = calculate === undefined ? operands[0] : calculate(operands);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function selection({ above, below, equals }: Written, unit: string): OverHosts['isCounted'] {
  if (equals !== undefined) {
    const wanted = [equals].flat().map(String);
    return (value) => wanted.includes(String(value));
  }
  const direction = above === undefined ? 'below' : 'above';
  const limit = above ?? below;
  if (limit === undefined) return () => true;
  const at = readLimit(limit, unit, ['hosts', direction]);
  return (value) => typeof value !== 'string' && isBeyond(Number(value), at, direction);
}

/** ` below 10`; empty if every host counts. */
export function selectionText({ above, below, equals }: Written): string {
  if (above !== undefined) return ` above ${above}`;
  if (below !== undefined) return ` below ${below}`;
  return equals === undefined ? '' : ` equal to ${[equals].flat().join(' or ')}`;
}

/** Tags for templates, besides those of the group: names of the hosts that matter, and how many report. */
export const HOSTS_TAG = 'hosts';
export const REPORTING_TAG = 'reporting';

export function withoutHosts({ [HOSTS_TAG]: _hosts, [REPORTING_TAG]: _reporting, ...group }: Tags): Tags {
  return group;
}

/** The summary of a rule that has none. */
export function hostsTemplate(hosts: Written, subject: string): string {
  const selected = selectionText(hosts);
  const of = selected === '' ? `report ${subject}` : `have ${subject}${selected}`;
  const names = `{{ tags.${HOSTS_TAG} }}`;
  if (hosts.fn === 'share') return `{{ value }} of {{ tags.${REPORTING_TAG} }} hosts ${of}: ${names}`;
  if (hosts.fn === 'count') return `{{ value }} ${of}: ${names}`;
  return `${WORDS[hosts.fn]} of ${subject} over {{ tags.${REPORTING_TAG} }} hosts is {{ value }}: ${names}`;
}

const WORDS = { sum: 'The sum', mean: 'The mean', max: 'The maximum', min: 'The minimum' } as const;
