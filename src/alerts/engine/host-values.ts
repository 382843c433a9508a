/** The newest values of one host for a rule across hosts, and the one value that those of many hosts make. */
import type { OverHosts } from '../rules/rule.ts';

interface Held {
  value: Value;
  /** When it was measured, on the clock's `elapsed`. */
  takenAt: number;
  /** Between the last two values, and the two before them. ms. */
  interval: number;
  before: number;
}

type Value = number | string | boolean;

const FRESH_INTERVALS = 3;
const LEAST_FRESH_MS = 60_000;
/** Before an interval has been seen. ms. */
const FIRST_FRESH_MS = 300_000;
/** What is older is dropped; until then its interval is remembered. ms. */
const DROP_MS = 3_600_000;
/** Names in a summary. */
const MOST_NAMED = 5;

export class HostValues {
  readonly host: string;
  readonly #bySeries = new Map<string, Held>();

  constructor(host: string) {
    this.host = host;
  }

  get size(): number {
    return this.#bySeries.size;
  }

  has(series: string): boolean {
    return this.#bySeries.has(series);
  }

  /** Values that are older than the one that is known do not count. */
  set(series: string, value: Value, takenAt: number): void {
    const held = this.#bySeries.get(series);
    if (held === undefined) {
      this.#bySeries.set(series, { value, takenAt, interval: 0, before: 0 });
      return;
    }
    if (takenAt < held.takenAt) return;
    if (takenAt > held.takenAt) [held.before, held.interval] = [held.interval, takenAt - held.takenAt];
    held.value = value;
    held.takenAt = takenAt;
  }

  postpone(ms: number): void {
    for (const held of this.#bySeries.values()) held.takenAt += ms;
  }

  /** Values that count now. @param fresh how long they do, ms; undefined: three of their intervals */
  fresh(now: number, fresh: number | undefined): readonly Value[] {
    const values: Value[] = [];
    for (const [series, held] of this.#bySeries) {
      const age = now - held.takenAt;
      const counts = fresh ?? freshOf(held);
      if (age <= counts) values.push(held.value);
      else if (age > Math.max(counts, DROP_MS)) this.#bySeries.delete(series);
    }
    return values;
  }
}

/** By the longer of two intervals: one early value does not decide. One silence does, and is over with the next value. */
function freshOf({ interval, before }: Held): number {
  const longest = Math.max(interval, before);
  if (longest === 0) return FIRST_FRESH_MS;
  return Math.min(DROP_MS, Math.max(LEAST_FRESH_MS, FRESH_INTERVALS * longest));
}

export interface GroupValue {
  /** Undefined: no host has a value, and that is no number. */
  readonly value: number | undefined;
  /** Those that matter most: `web1, web2 and 3 more`. */
  readonly names: string;
  /** Hosts with a value. */
  readonly reporting: number;
  /** Values that were too old to be kept. */
  readonly dropped: number;
}

export function overGroup(over: OverHosts, hosts: Map<string, HostValues>, now: number): GroupValue {
  let dropped = 0;
  const values: (readonly [name: string, values: readonly Value[]])[] = [];
  for (const [key, host] of hosts) {
    const before = host.size;
    const fresh = host.fresh(now, over.fresh);
    dropped += before - host.size;
    if (host.size === 0) hosts.delete(key);
    if (fresh.length > 0) values.push([host.host, fresh]);
  }
  const rest = { reporting: values.length, dropped };
  return over.fn === 'count' || over.fn === 'share'
    ? { ...counted(over, values), ...rest }
    : { ...combined(over, values), ...rest };
}

type Values = readonly (readonly [name: string, values: readonly Value[]])[];

/** A host counts once, whichever of its series it is for. */
function counted({ fn, isCounted }: OverHosts, values: Values): Pick<GroupValue, 'value' | 'names'> {
  const found = values.filter(([, each]) => each.some(isCounted)).map(([name]) => name);
  const names = namesText(found.sort());
  if (fn === 'count') return { value: found.length, names };
  return { value: values.length === 0 ? undefined : (100 * found.length) / values.length, names };
}

function combined({ fn, isLowBad }: OverHosts, values: Values): Pick<GroupValue, 'value' | 'names'> {
  const ofHosts = values.map(([name, each]) => ({ name, numbers: each.map(Number) }));
  const all = ofHosts.flatMap(({ numbers }) => numbers);
  if (all.length === 0) return { value: undefined, names: '' };
  const worst = (numbers: readonly number[]) => (isLowBad ? least(numbers) : -greatest(numbers));
  const sorted = ofHosts.sort((a, b) => worst(a.numbers) - worst(b.numbers) || (a.name < b.name ? -1 : 1));
  const sum = all.reduce((total, each) => total + each, 0);
  const value = { sum, mean: sum / all.length, max: greatest(all), min: least(all), count: 0, share: 0 }[fn];
  return { value, names: namesText(sorted.map(({ name }) => name)) };
}

/** Not `Math.max(...)`: an array of many values is too long for arguments. */
function greatest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), -Infinity);
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}

function namesText(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const listed = names.slice(0, MOST_NAMED).join(', ');
  return more > 0 ? `${listed} and ${more} more` : listed;
}
