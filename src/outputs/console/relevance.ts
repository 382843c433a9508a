/** Which fields and tags to show first if not everything fits. */
import type { Metric } from '../../plugin/index.ts';

/** Patterns of field names, the most interesting first; the first match counts. */
const FIELD_RANKS = [
  /(^|_)used_percent$|^usage_(user|system|iowait|idle|percent)$|^load\d+$|^cpu_usage$|^temp$/,
  /^(used|available|total|free|uptime|running|blocked|zombies|bytes_(recv|sent)|(read|write)_bytes|io_util)$/,
  /percent|(^|_)(mean|max|p\d+)$|^n_|errors|drop|^(in|out)$|^total/,
];

/** Tags that name the measured object, in order of preference; a tag named like the measurement comes before them. */
const NAMING_TAGS = ['path', 'interface', 'container_name', 'name', 'sensor', 'output', 'input', 'device'];

/** All fields of the metrics, the most interesting first, those that are 0 everywhere last. */
export function rankedFields(metrics: readonly Metric[]): readonly string[] {
  const names = [...new Set(metrics.flatMap(({ fields }) => Object.keys(fields)))];
  const rank = (name: string) => {
    const place = FIELD_RANKS.findIndex((pattern) => pattern.test(name));
    const isIdle = metrics.every(({ fields }) => isZeroOrMissing(fields[name]));
    return (place === -1 ? FIELD_RANKS.length : place) + (isIdle ? FIELD_RANKS.length + 1 : 0);
  };
  const ranks = new Map(names.map((name) => [name, rank(name)]));
  return names.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}

function isZeroOrMissing(value: unknown): boolean {
  return value === undefined || value === 0 || value === 0n || value === '';
}

/** A small set of tags that distinguishes the metrics of one measurement, with a preference for names people know. */
export function distinguishingTags(metrics: readonly Metric[]): readonly string[] {
  const keys = [...new Set(metrics.flatMap(({ tags }) => Object.keys(tags)))];
  const distinct = (chosen: readonly string[]) =>
    new Set(metrics.map(({ tags }) => JSON.stringify(chosen.map((key) => tags[key] ?? null)))).size;

  const most = distinct(keys);
  const chosen: string[] = [];
  while (distinct(chosen) < most) {
    const candidates = keys.filter((key) => !chosen.includes(key));
    const gain = new Map(candidates.map((key) => [key, distinct([...chosen, key])]));
    const [best] = candidates.sort(
      (a, b) => (gain.get(b) ?? 0) - (gain.get(a) ?? 0) || naming(a, metrics) - naming(b, metrics),
    );
    if (best === undefined) break;
    chosen.push(best);
  }
  return chosen;
}

function naming(key: string, metrics: readonly Metric[]): number {
  if (key === metrics[0]?.name) return -1;
  const place = NAMING_TAGS.indexOf(key);
  return place === -1 ? NAMING_TAGS.length : place;
}

/** Tags with the same value in all metrics. */
export function sharedTags(metrics: readonly Metric[]): readonly (readonly [key: string, value: string])[] {
  const [first] = metrics;
  if (first === undefined) return [];
  return Object.entries(first.tags).filter(([key, value]) => metrics.every(({ tags }) => tags[key] === value));
}
