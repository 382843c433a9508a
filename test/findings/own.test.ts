import { expect, test } from '@jest/globals';

import {
  deadLetters,
  failingInputs,
  missingHistory,
  troubledJournal,
  troubledOutputs,
} from '../../src/findings/checks/own.ts';

import type { OutputStatus } from '../../src/deliver/output-status.ts';

import { textOf } from './text.ts';

const NOW = 1_700_000_000_000;

const OUTPUT: OutputStatus = {
  ...{ alias: 'influxdb', plugin: 'influxdb', flushIntervalMs: 10_000, waitingLines: 0, waitingBytes: 0, lagMs: 0 },
  ...{ written: 5, dropped: 0, errors: 0, error: undefined },
};

test('an output that is behind, fails, or loses', () => {
  const of = (parts: Partial<OutputStatus>) => troubledOutputs([{ ...OUTPUT, ...parts }], NOW).map(textOf);
  expect(of({ lagMs: 59_000, waitingLines: 9 })).toEqual([]);
  expect(of({ lagMs: 240_000, waitingLines: 12_400 })).toEqual([
    'warning: Output **influxdb** is 4 min behind: 12,400 lines wait in the journal, none is lost.',
  ]);
  expect(of({ lagMs: 5000, waitingLines: 1, error: 'connect ECONNREFUSED\n127.0.0.1' })).toEqual([
    'warning: Output **influxdb** fails: 1 line waits in the journal, none is lost. (connect ECONNREFUSED 127.0.0.1)',
  ]);
  expect(of({ lagMs: 3_600_000, waitingLines: 10, dropped: 2000, error: 'down' })).toEqual([
    'critical: Output **influxdb** fails and is 1 h behind: 10 lines wait in the journal, 2,000 lines lost since the start. (down)',
  ]);
  expect(of({ lagMs: 200_000, waitingLines: 10, flushIntervalMs: 300_000 })).toEqual([]);
  expect(troubledOutputs([{ ...OUTPUT, lagMs: 240_000, waitingLines: 3 }], NOW)[0]?.since).toBe(NOW - 240_000);
});

test('dead letters', () => {
  const letters = [{ output: 'loki', lines: 12, bytes: 2048, since: NOW, reason: 'entry too far behind' }];
  expect(deadLetters(letters).map(textOf)).toEqual([
    'note: Output **loki** refused 12 lines for good; they are kept as dead letters. (2 KiB · entry too far behind)',
  ]);
  expect(deadLetters([])).toEqual([]);
});

test('an input that fails', () => {
  const input = { alias: 'docker', plugin: 'docker', intervalMs: 1, lastAt: null, lastMs: null, metrics: 0, errors: 1 };
  expect(failingInputs([{ ...input, error: undefined }])).toEqual([]);
  expect(failingInputs([{ ...input, error: 'Cannot reach /var/run/docker.sock' }]).map(textOf)).toEqual([
    'unknown: Input **docker** fails: what it watches is not known. (Cannot reach /var/run/docker.sock)',
  ]);
});

test('a journal that cannot be written, or is nearly full', () => {
  const status = {
    segments: 1,
    diskBytes: 0,
    memoryBytes: 2 ** 20,
    isFull: false,
    nextLine: 1,
    isDegraded: false,
    writeErrors: 0,
    idle: [],
  };
  const of = (parts: Partial<typeof status>, max: number | undefined = 2 ** 30) =>
    troubledJournal({ ...status, ...parts }, max).map(textOf);
  expect(of({})).toEqual([]);
  expect(of({ isFull: false, isDegraded: true, writeErrors: 3 })).toEqual([
    'critical: The journal cannot be written. (3 writes failed · 1 MiB are held in memory only)',
  ]);
  expect(of({ diskBytes: 0.95 * 2 ** 30 })).toEqual([
    'warning: The journal is nearly full: 973 MiB of 1 GiB. (the oldest lines are deleted first, sent or not)',
  ]);
  expect(troubledJournal({ ...status, diskBytes: 2 ** 40 }, undefined)).toEqual([]);
});

test('a history that is off, or does not answer', () => {
  expect(textOf(missingHistory(undefined))).toBe('note: The history is off: charts begin when the page is opened.');
  expect(textOf(missingHistory('file is not a database'))).toBe(
    'warning: The history does not answer. (file is not a database)',
  );
});
