/**
 * Rules across hosts: the newest value of each series, and every ten seconds one value for each group, which is judged like the
 * sample of a series. What a host says counts for three of its intervals, by when it was measured, so that neither a silent host
 * nor lines that come late decide anything.
 */
import { nanoseconds, type Instant } from '../../core/clock.ts';
import type { Metric, Tags } from '../../metric/metric.ts';
import { internTags, SeriesCache } from '../../metric/series.ts';
import type { Rule, Watch } from '../rules/rule.ts';

import type { Faults } from './faults.ts';
import { HostValues, overGroup } from './host-values.ts';
import type { Source } from './instance.ts';
import { identityOf } from './instances.ts';
import { usable, type Series } from './series.ts';

/** Who sent a metric, if it was not gathered here. */
export interface Sender {
  /** Of hosts with one name, each counts. */
  readonly id: string;
  /** Its clock is behind by so much. ms. */
  readonly offsetMs: number;
}

export interface AcrossHostsOptions {
  readonly faults: Faults;
  /** Maximum groups of one rule. */
  readonly maxGroups: () => number;
  readonly source: (measurement: string) => Source;
  /** Judges the value of a group. */
  readonly take: (series: Series, metric: Metric) => void;
}

interface Group {
  /** Its value, as a series. */
  readonly series: Series;
  readonly hosts: Map<string, HostValues>;
  /** When a host last had a value, on the clock's `elapsed`. */
  filledAt: number;
}

interface Across {
  readonly rule: Rule;
  readonly over: NonNullable<Rule['hosts']>;
  readonly groups: Map<string, Group>;
  /** Before, some hosts may not have reported. On the clock's `elapsed`. */
  readyAt: number;
  /** Values of all groups. */
  size: number;
}

/** A series for one rule. */
interface Target {
  readonly across: Across;
  readonly operands: Watch['operands'];
  readonly identity: Tags;
  readonly host: string;
  /** The series, of all of the host. */
  readonly key: string;
}

const EVERY_MS = 10_000;
/** Ticks do not come to the millisecond. ms. */
const EARLY_MS = 1000;
const GATHER_MS = 60_000;
const MOST_VALUES = 20_000;
/** A group without hosts is forgotten: its alert ends by `series_gone`. ms. */
const FORGET_MS = 3_600_000;
/** Of a rule that counts: no host is a number, too. ms. */
const FORGET_COUNTED_MS = 14 * 86_400_000;
const NO_TARGETS: readonly Target[] = [];
const VALUE = 'value';

export class AcrossHosts {
  readonly #options: AcrossHostsOptions;
  #rules: readonly Across[] = [];
  #cache!: SeriesCache<readonly Target[]>;
  #measurements: ReadonlySet<string> = new Set();
  #judgedAt = -Infinity;

  constructor(options: AcrossHostsOptions) {
    this.#options = options;
  }

  /** Rules that stay the same keep their values. */
  use(rules: readonly Rule[], now: Instant): void {
    const before = new Map(this.#rules.map((across) => [across.rule.id, across]));
    this.#rules = rules.flatMap((rule) => {
      const { hosts: over } = rule;
      if (over === undefined) return [];
      const known = before.get(rule.id);
      if (known?.rule.revision === rule.revision) return [{ ...known, rule, over }];
      return [this.#begin({ rule, over, groups: new Map(), readyAt: now.elapsed + GATHER_MS, size: 0 }, now)];
    });
    this.#measurements = new Set(this.#rules.flatMap(({ rule }) => rule.hosts?.measurement ?? []));
    this.#cache = new SeriesCache((name, tags) => this.#targets(name, tags));
  }

  /** Most measurements are of no such rule. */
  wants(measurement: string): boolean {
    return this.#measurements.has(measurement);
  }

  observe(metric: Metric, sender: Sender | undefined, now: Instant): void {
    const targets = this.#cache.get(metric.name, metric.tags);
    if (targets.length === 0) return;
    const age = Math.max(0, now.wall - Number(metric.time) / 1e6 - (sender?.offsetMs ?? 0));
    for (const target of targets) {
      try {
        this.#keep(target, metric, { sender: sender?.id ?? '', takenAt: now.elapsed - age }, now);
      } catch (error) {
        this.#options.faults.failed(target.across.rule, error, now);
      }
    }
  }

  /** To be called at each tick. */
  judge(now: Instant): void {
    if (this.#rules.length === 0 || now.elapsed - this.#judgedAt < EVERY_MS - EARLY_MS) return;
    this.#judgedAt = now.elapsed;
    for (const across of this.#rules) {
      if (now.elapsed < across.readyAt) continue;
      for (const [key, group] of across.groups) this.#judgeGroup(across, key, group, now);
    }
  }

  /** The process stood still for `ms`, in which no host could be heard. */
  postpone(ms: number): void {
    for (const { groups } of this.#rules)
      for (const group of groups.values()) for (const host of group.hosts.values()) host.postpone(ms);
  }

  /** The clock has jumped: what was measured before says nothing about now. */
  restart(now: Instant): void {
    for (const across of this.#rules) {
      across.groups.clear();
      across.size = 0;
      across.readyAt = now.elapsed + GATHER_MS;
      this.#begin(across, now);
    }
  }

  /** Without tags there is one group, which is there even if no host ever reports. */
  #begin(across: Across, now: Instant): Across {
    if (across.rule.groupBy?.length === 0) this.#group(across, {}, now);
    return across;
  }

  #judgeGroup(across: Across, key: string, group: Group, now: Instant): void {
    const { rule, over } = across;
    try {
      const { value, names, reporting, dropped } = overGroup(over, group.hosts, now.elapsed);
      across.size -= dropped;
      if (reporting > 0) group.filledAt = now.elapsed;
      const forget = over.fn === 'count' ? FORGET_COUNTED_MS : FORGET_MS;
      if (now.elapsed - group.filledAt > forget && rule.groupBy?.length !== 0) across.groups.delete(key);
      if (value === undefined) return;
      group.series.source.heardAt = now.elapsed;
      const tags = { ...group.series.tags, hosts: names, reporting: String(reporting) };
      const metric = { name: group.series.measurement, tags, fields: { [VALUE]: value }, time: nanoseconds(now.wall) };
      this.#options.take({ ...group.series, tags }, metric);
    } catch (error) {
      this.#options.faults.failed(rule, error, now);
    }
  }

  #keep(
    { across, operands, identity, host, key }: Target,
    { fields }: Metric,
    { sender, takenAt }: { readonly sender: string; readonly takenAt: number },
    now: Instant,
  ): void {
    const values: (number | string | boolean | undefined)[] = [];
    for (const { field, operand } of operands) values[operand] = usable(fields[field]);
    const value = across.over.valueOf(values);
    if (value === undefined) return;
    const group = this.#group(across, identity, now);
    if (group === undefined) return;
    const hostKey = `${sender}\n${host}`;
    const known = group.hosts.get(hostKey);
    if (known?.has(key) !== true) {
      if (across.size >= MOST_VALUES) {
        this.#options.faults.tooMany(across.rule, MOST_VALUES, now);
        return;
      }
      across.size += 1;
    }
    const ofHost = known ?? new HostValues(host);
    if (known === undefined) group.hosts.set(hostKey, ofHost);
    ofHost.set(key, value, takenAt);
  }

  #group(across: Across, tags: Tags, now: Instant): Group | undefined {
    const { rule, groups } = across;
    const identity = identityOf(rule, '', tags);
    const known = groups.get(identity.fingerprint);
    if (known !== undefined) return known;
    const { faults, maxGroups, source } = this.#options;
    const most = maxGroups();
    if (groups.size >= most) {
      faults.tooMany(rule, most, now);
      return undefined;
    }
    // Of all groups of the rule, so that one without hosts is gone, and all without hosts are missing data.
    const measurement = `hosts ${rule.id}`;
    const slot = { rule, identity, operands: [{ field: VALUE, operand: 0 }], instance: undefined, feed: undefined };
    const series = { measurement, tags: identity.tags, source: source(measurement), slots: [slot], isContext: false };
    const group = { series, hosts: new Map<string, HostValues>(), filledAt: now.elapsed };
    groups.set(identity.fingerprint, group);
    return group;
  }

  #targets(measurement: string, given: Tags): readonly Target[] {
    const tags = internTags(given);
    // The cache keeps nothing for tags that could change; their interned equals may be in it.
    if (tags !== given && !Object.isFrozen(given)) return this.#cache.get(measurement, tags);
    const { host = '' } = tags;
    if (host === '') return NO_TARGETS;
    const key = JSON.stringify(tags);
    const targets = this.#rules.flatMap((across) => {
      const watch = across.rule.watch(measurement, tags);
      return watch === undefined ? [] : [{ across, ...watch, host, key }];
    });
    return targets.length === 0 ? NO_TARGETS : targets;
  }
}
