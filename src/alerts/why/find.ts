/** Finds alerts of now and of the past by what people know of them: an id, a rule, labels. */
import type { KnownAlert } from '../../api/why.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { Tags } from '../../metric/metric.ts';
import { labelsOf, labelOf } from '../audience/matchers.ts';
import { compilePattern } from '../audience/patterns.ts';
import { RefusedRequest, type ListedAlert } from '../control.ts';

interface Candidate extends KnownAlert {
  readonly labels: Tags;
}

/**
 * @param words each `label=pattern`, the beginning of an id, or a pattern of a rule; an alert must match all
 * @param entries newest first
 * @returns those that fire first, then the newest
 * @throws RefusedRequest for a pattern that is wrong
 */
export function findAlerts(
  words: readonly string[],
  listed: readonly ListedAlert[],
  entries: readonly AuditEntry[],
  now: number,
): readonly KnownAlert[] {
  const tests = words.map(testOf);
  const found = new Map<string, Candidate>();
  for (const { alert, state } of listed) {
    const { fingerprint, rule, host, summary } = alert;
    found.set(fingerprint, { fingerprint, rule, host, summary, state, at: now, labels: labelsOf(alert) });
  }
  for (const entry of entries) {
    const past = candidateOf(entry);
    if (past !== undefined && !found.has(past.fingerprint)) found.set(past.fingerprint, past);
  }
  return [...found.values()]
    .filter((each) => tests.every((test) => test(each)))
    .map(({ labels: _, ...alert }) => alert)
    .sort((a, b) => b.at - a.at);
}

function candidateOf({ fingerprint, rule = '', host = '', at, detail = {} }: AuditEntry): Candidate | undefined {
  if (fingerprint === undefined) return undefined;
  const { tags, level, summary } = detail;
  const labels = { ...textsOf(tags), rule, host, level: typeof level === 'string' ? level : '' };
  return { fingerprint, rule, host, summary: typeof summary === 'string' ? summary : '', state: 'ended', at, labels };
}

function textsOf(tags: unknown): Tags {
  if (typeof tags !== 'object' || tags === null) return {};
  return Object.fromEntries(
    Object.entries(tags).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function testOf(word: string): (alert: Candidate) => boolean {
  const end = word.indexOf('=');
  try {
    if (end > 0) {
      const [label, matches] = [word.slice(0, end), compilePattern(word.slice(end + 1))];
      return ({ labels }) => matches(labelOf(labels, label));
    }
    const isRule = compilePattern(word);
    return ({ fingerprint, rule }) => fingerprint.startsWith(word) || isRule(rule);
  } catch (error) {
    throw new RefusedRequest((error as Error).message);
  }
}
