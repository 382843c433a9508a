/** The agent itself: outputs, inputs, journal, dead letters, history. */
import type { Finding } from '../../api/host.ts';
import type { LetterCount } from '../../deliver/letter-counts.ts';
import type { OutputStatus } from '../../deliver/output-status.ts';
import type { InputStatus } from '../../gather/input-status.ts';
import type { JournalStatus } from '../../journal/journal.ts';
import { formatValue, humanDuration } from '../../plugin/message-text.ts';
import { bounded, counted, evidence, named } from '../check.ts';

/** An output is behind if it is so many flushes late, and at least a minute. */
const LATE_FLUSHES = 3;
const LATE_MS = 60_000;
/** Part of the bound. */
const NEARLY_FULL = 0.9;

export function troubledOutputs(outputs: readonly OutputStatus[], now: number): readonly Finding[] {
  return outputs.flatMap((output): readonly Finding[] => {
    const { alias, lagMs, flushIntervalMs, waitingLines, dropped, error } = output;
    const isLate = lagMs > Math.max(LATE_MS, LATE_FLUSHES * flushIntervalMs);
    if (error === undefined && !isLate) return [];
    const behind = isLate ? `is ${humanDuration(lagMs)} behind` : '';
    const wait = `${counted(waitingLines, 'line')} ${waitingLines === 1 ? 'waits' : 'wait'} in the journal`;
    const lost = dropped === 0 ? 'none is lost' : `${counted(dropped, 'line')} lost since the start`;
    const what = error === undefined ? behind : `fails${behind === '' ? '' : ` and ${behind}`}`;
    return [
      {
        id: `output:${alias}`,
        level: dropped === 0 ? 'warning' : 'critical',
        sentence: ['Output ', named(alias), ` ${what}: ${wait}, ${lost}.`],
        evidence: error === undefined ? '' : bounded(error),
        since: isLate ? now - lagMs : null,
      },
    ];
  });
}

export function deadLetters(letters: readonly LetterCount[]): readonly Finding[] {
  return letters.map(({ output, lines, bytes, since, reason }) => ({
    id: `dead-letters:${output}`,
    level: 'note',
    sentence: ['Output ', named(output), ` refused ${counted(lines, 'line')} for good; they are kept as dead letters.`],
    evidence: evidence(formatValue(bytes, 'bytes'), bounded(reason)),
    since: since === 0 ? null : since,
  }));
}

export function failingInputs(inputs: readonly InputStatus[]): readonly Finding[] {
  return inputs.flatMap(({ alias, error }): readonly Finding[] => {
    if (error === undefined) return [];
    const sentence = ['Input ', named(alias), ' fails: what it watches is not known.'];
    return [{ id: `input:${alias}`, level: 'unknown', sentence, evidence: bounded(error), since: null }];
  });
}

/** @param maxBytes bound on disk; undefined for a journal in memory */
export function troubledJournal(status: JournalStatus, maxBytes: number | undefined): readonly Finding[] {
  const { isDegraded, writeErrors, diskBytes, memoryBytes } = status;
  if (isDegraded) {
    const held = `${formatValue(memoryBytes, 'bytes')} are held in memory only`;
    const failed = `${counted(writeErrors, 'write')} failed`;
    return [
      {
        id: 'journal',
        level: 'critical',
        sentence: ['The journal cannot be written.'],
        evidence: evidence(failed, held),
        since: null,
      },
    ];
  }
  if (maxBytes === undefined || diskBytes < NEARLY_FULL * maxBytes) return [];
  const size = `${formatValue(diskBytes, 'bytes')} of ${formatValue(maxBytes, 'bytes')}`;
  return [
    {
      id: 'journal',
      level: 'warning',
      sentence: [`The journal is nearly full: ${size}.`],
      evidence: 'the oldest lines are deleted first, sent or not',
      since: null,
    },
  ];
}

/** @param trouble why the history does not answer; undefined if it is only off */
export function missingHistory(trouble: string | undefined): Finding {
  const base = { id: 'history', since: null };
  if (trouble === undefined) {
    return {
      ...base,
      level: 'note',
      sentence: ['The history is off: charts begin when the page is opened.'],
      evidence: '',
    };
  }
  return { ...base, level: 'warning', sentence: ['The history does not answer.'], evidence: bounded(trouble) };
}
