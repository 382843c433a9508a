/** The state of a journal, as text and as JSON. */
import type { CursorView, JournalView } from '../../journal/inspect.ts';

import { columns, counted, humanAge, humanBytes, humanCount } from '../columns.ts';

/** Facts from outside the journal. */
export interface StatusFacts {
  readonly directory: string;
  readonly maxBytes: number;
  /** `journal.buffer` is `memory`. */
  readonly isInMemory: boolean;
  /** Aliases of the configured outputs. */
  readonly outputs: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export function noJournal({ directory, isInMemory }: StatusFacts): string {
  return `No journal yet at ${directory}${isInMemory ? `\n${IN_MEMORY}` : ''}`;
}

const IN_MEMORY = 'journal.buffer is memory: unsent lines are in the daemon and are not shown here';

export function statusText(facts: StatusFacts, view: JournalView): string {
  const { segments, bytes, oldest } = view;
  const rows = [
    ['Journal', facts.directory],
    ['In use', view.holder === undefined ? 'no' : `by process ${view.holder}`],
    ['On disk', `${humanBytes(bytes)} of ${humanBytes(facts.maxBytes)}, in ${counted(segments, 'segment')}`],
    ['Oldest', oldest === undefined ? 'no lines' : `${isoTime(oldest)}, ${humanAge(facts.now - oldest)} ago`],
  ];
  const remarks = [
    ...(facts.isInMemory ? [IN_MEMORY] : []),
    ...view.otherVersions.map((path) => `${path} was written by another version of healthd; ignored`),
  ];
  return [...columns(rows, ['left', 'left']), ...remarks, '', ...cursorTable(facts, view)].join('\n');
}

function cursorTable(facts: StatusFacts, { cursors }: JournalView): readonly string[] {
  if (cursors.length === 0) return ['No output has read from the journal yet'];
  const heads = ['Output', 'Unsent lines', 'Size', 'Oldest', ''];
  const rows = cursors.map((cursor) => [
    cursor.name,
    humanCount(cursor.lag.lines),
    humanBytes(cursor.lag.bytes),
    cursor.lag.oldest === undefined ? '' : humanAge(facts.now - cursor.lag.oldest),
    remarksOn(cursor, facts).join('; '),
  ]);
  return columns([heads, ...rows], ['left', 'right', 'right', 'right', 'left']);
}

function remarksOn({ name, progress, backlogLines }: CursorView, { outputs }: StatusFacts): readonly string[] {
  return [
    ...(outputs.includes(name) ? [] : [`not configured; "healthd journal forget ${name}" drops it`]),
    ...(progress === undefined ? ['damaged cursor: all lines are sent again'] : []),
    ...(backlogLines > 0 ? [`${counted(backlogLines, 'line')} in the backlog`] : []),
  ];
}

/** Bytes, milliseconds and ISO times; null if absent. */
export function statusJson(facts: StatusFacts, view: JournalView): object {
  const { holder, segments, bytes, oldest } = view;
  return {
    ...head(facts, true),
    in_use_by: holder === undefined ? null : /^\d+$/.test(holder) ? Number(holder) : holder,
    segments,
    bytes,
    ...ages(facts, oldest),
    other_versions: view.otherVersions,
    cursors: view.cursors.map(({ name, progress, lag, backlogLines }) => ({
      name,
      is_configured: facts.outputs.includes(name),
      is_damaged: progress === undefined,
      saved: progress === undefined ? null : isoTime(progress.savedAt),
      unsent_lines: lag.lines,
      unsent_bytes: lag.bytes,
      backlog_lines: backlogLines,
      ...ages(facts, lag.oldest),
    })),
  };
}

export function noJournalJson(facts: StatusFacts): object {
  return {
    ...head(facts, false),
    in_use_by: null,
    segments: 0,
    bytes: 0,
    ...ages(facts, undefined),
    other_versions: [],
    cursors: [],
  };
}

function head({ directory, maxBytes, isInMemory }: StatusFacts, exists: boolean) {
  return { directory, exists, buffer: isInMemory ? 'memory' : 'disk', max_bytes: maxBytes };
}

function ages({ now }: StatusFacts, oldest: number | undefined) {
  return oldest === undefined
    ? { oldest: null, oldest_age_ms: null }
    : { oldest: isoTime(oldest), oldest_age_ms: Math.max(0, Math.round(now - oldest)) };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
