/** What routes, silences and inhibitions see of an alert. */
import type { Tags } from '../../metric/metric.ts';
import type { AlertView } from '../../plugin/notification.ts';

import { compilePattern, type Pattern } from './patterns.ts';

export type Match = Readonly<Record<string, Pattern>>;
export type Matcher = (labels: Tags) => boolean;

/** The rule's labels, over them the tags of the series, over all `rule`, `level` and `host`, which nobody can fake. */
export function labelsOf({ labels, tags, rule, level, host }: AlertView): Tags {
  return { ...labels, ...tags, rule, level, host };
}

/** A label that is missing is empty. */
export function labelOf(labels: Tags, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

/**
 * Everything must match; nothing asked for matches all.
 *
 * @throws RangeError for a pattern that is wrong
 */
export function compileMatch(match: Match): Matcher {
  const tests = Object.entries(match).map(([name, pattern]) => ({ name, test: compilePattern(pattern) }));
  return (labels) => tests.every(({ name, test }) => test(labelOf(labels, name)));
}

/** One line that is equal for equal matches, in whatever order they were written. */
export function formatMatch(match: Match): string {
  return Object.entries(match)
    .map(([name, pattern]) => `${name}=${typeof pattern === 'string' ? pattern : `[${[...pattern].sort().join(',')}]`}`)
    .sort()
    .join(',');
}
