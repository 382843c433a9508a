/** Alerts that fire on this host. */
import type { ListedAlert, ListedSilence } from '../../alerts/control.ts';
import type { Finding, Sentence } from '../../api/host.ts';
import { formatValue } from '../../plugin/message-text.ts';
import type { AlertView } from '../../plugin/notification.ts';
import { bounded, evidence, named } from '../check.ts';

const LEVELS = { critical: 'critical', warning: 'warning', info: 'note' } as const;

/** A shorter value is part of many words. */
const LEAST_NAME = 2;

export function firingAlerts(alerts: readonly ListedAlert[], silences: readonly ListedSilence[]): readonly Finding[] {
  const own = alerts.filter(({ state, from }) => state !== 'pending' && from === undefined);
  return own.map((listed) => findingOf(listed, silences));
}

function findingOf({ alert, state, isUnknown, suppressed }: ListedAlert, silences: readonly ListedSilence[]): Finding {
  const { fingerprint, rule, ack, silenced, detail, level } = alert;
  const silencedUntil = silenced ? endOfSilence(alert, silences) : undefined;
  const sort = sortOf(alert);
  return {
    id: `alert:${fingerprint}`,
    level: detail === 'no_data' || isUnknown === true ? 'unknown' : LEVELS[level],
    sentence: sentenceOf(alert),
    evidence: evidence(
      valueOf(alert),
      culpritOf(alert),
      stateText(state, isUnknown),
      ack === undefined
        ? undefined
        : bounded(`acknowledged by ${ack.by}${ack.comment === '' ? '' : `: ${ack.comment}`}`),
      silenced ? bounded(suppressed.find((reason) => reason.startsWith('silenced')) ?? 'silenced') : undefined,
    ),
    since: alert.startsAt,
    alert: {
      fingerprint,
      rule,
      ...(ack === undefined ? {} : { acknowledgedBy: bounded(ack.by) }),
      ...(silencedUntil === undefined ? {} : { silencedUntil }),
    },
    ...(sort === undefined ? {} : { sort }),
  };
}

function stateText(state: ListedAlert['state'], isUnknown = false): string | undefined {
  if (isUnknown) return 'unknown, since its host is not heard';
  return state === 'recovering' ? state : undefined;
}

/** The summary, in which the names of what it is about stand out. */
function sentenceOf({ summary, tags, host }: AlertView): Sentence {
  const names = [...new Set([...Object.values(tags), host])].filter((name) => name.length >= LEAST_NAME);
  const text = bounded(summary.replace(/[.!]+$/, ''));
  const sentence: Sentence = [];
  let rest = 0;
  for (const { index, name } of occurrences(text, names)) {
    if (index > rest) sentence.push(text.slice(rest, index));
    sentence.push(named(name));
    rest = index + name.length;
  }
  return [...sentence, `${text.slice(rest)}.`];
}

/** Whole words; where two names begin together, the longer one. */
function occurrences(
  text: string,
  names: readonly string[],
): readonly { readonly index: number; readonly name: string }[] {
  const longestFirst = names.toSorted((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return [];
  const any = longestFirst.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_/.-])(?:${any})(?![\\p{L}\\p{N}_/-])`, 'gu');
  return [...text.matchAll(pattern)].map(({ index, 0: name }) => ({ index, name }));
}

/** Left out where the summary says it. */
function valueOf({ value, unit, threshold, direction, summary }: AlertView): string | undefined {
  if (value === undefined) return undefined;
  const text = formatValue(value, unit, threshold);
  const limit = threshold === undefined ? undefined : formatValue(threshold, unit, value);
  if (limit === undefined || direction === undefined) return summary.includes(text) ? undefined : text;
  return `now ${text}, limit ${limit}`;
}

/** Who used most when it fired: that was measured; that it is the cause was not. */
function culpritOf({ context }: AlertView): string | undefined {
  const table = context.find(({ kind, rows }) => (kind === 'top_cpu' || kind === 'top_memory') && rows.length > 0);
  const [name, use] = table?.rows[0] ?? [];
  if (table === undefined || name === undefined || use === undefined) return undefined;
  return bounded(`${name} used most ${table.kind === 'top_cpu' ? 'CPU' : 'memory'} when it fired: ${use}`);
}

function sortOf({ context }: AlertView): Finding['sort'] {
  const [first] = context.filter(({ kind }) => kind === 'top_cpu' || kind === 'top_memory');
  if (first === undefined) return undefined;
  return first.kind === 'top_cpu' ? 'cpu' : 'memory';
}

/** The last end of the silences that name it in plain text. Undefined if only patterns match. */
function endOfSilence(alert: AlertView, silences: readonly ListedSilence[]): number | undefined {
  const { tags, labels, rule, host, level } = alert;
  const known: Readonly<Record<string, string>> = { ...tags, ...labels, rule, host, level };
  const matching = silences.filter(
    ({ state, match }) =>
      state === 'active' &&
      Object.entries(match).every(([label, patterns]) => [patterns].flat().includes(known[label] ?? '')),
  );
  return matching.length === 0 ? undefined : Math.max(...matching.map(({ until }) => until));
}
