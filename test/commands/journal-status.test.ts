import { describe, expect, test } from '@jest/globals';

import { columns, counted, humanAge, humanBytes, humanCount } from '../../src/commands/columns.ts';
import { noJournal, noJournalJson, statusJson, statusText } from '../../src/commands/journal/status-text.ts';
import type { CursorView, JournalView } from '../../src/journal/inspect.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

const facts = {
  directory: '/var/lib/healthd/journal',
  maxBytes: 1024 ** 3,
  isInMemory: false,
  outputs: ['influxdb', 'file'],
  now: NOW,
};

function cursor(name: string, settings: Partial<CursorView> = {}): CursorView {
  const progress = { position: 10, backlogFrom: 10, backlogTo: 10, savedAt: NOW - 1000 };
  return { name, progress, lag: { lines: 0, bytes: 0, oldest: undefined }, backlogLines: 0, ...settings };
}

const view: JournalView = {
  holder: '1234',
  segments: 12,
  bytes: 35_757_000,
  oldest: NOW - 192 * MINUTE,
  otherVersions: [],
  cursors: [
    cursor('file'),
    cursor('influxdb', { lag: { lines: 1234, bytes: 12_300, oldest: NOW - 95_000 }, backlogLines: 1000 }),
    cursor('old', { lag: { lines: 5_000_000, bytes: 3_565_158, oldest: NOW - 51 * 60 * MINUTE } }),
    cursor('torn', { progress: undefined, lag: { lines: 1, bytes: 99, oldest: NOW } }),
  ],
};

describe('journal status', () => {
  test('shows directory, holder, size, age and the lag of each output, with remarks', () => {
    expect(statusText(facts, view)).toBe(
      `Journal  /var/lib/healthd/journal
In use   by process 1234
On disk  34.1 MiB of 1 GiB, in 12 segments
Oldest   2026-03-01T08:48:00.000Z, 3h12m ago

Output    Unsent lines     Size  Oldest
file                 0      0 B
influxdb         1 234   12 KiB   1m35s  1 000 lines in the backlog
old          5 000 000  3.4 MiB    2d3h  not configured; "healthd journal forget old" drops it
torn                 1     99 B      0s  not configured; "healthd journal forget torn" drops it; damaged cursor: all lines are sent again`,
    );
  });

  test('shows an empty journal without a holder', () => {
    const empty = { ...view, holder: undefined, segments: 0, bytes: 0, oldest: undefined, cursors: [] };
    const text = statusText(facts, empty);
    expect(text).toContain('In use   no\n');
    expect(text).toContain('Oldest   no lines\n');
    expect(text).toContain('No output has read from the journal yet');
  });

  test('remarks on segments of another version and on a journal in memory', () => {
    const text = statusText({ ...facts, isInMemory: true }, { ...view, otherVersions: ['/x/0.v2.seg'] });
    expect(text).toContain('/x/0.v2.seg was written by another version of healthd; ignored');
    expect(text).toContain('journal.buffer is memory');
    expect(noJournal({ ...facts, isInMemory: true })).toMatch(/No journal yet at .*\njournal\.buffer is memory/);
  });

  test('JSON has bytes, milliseconds and ISO times', () => {
    expect(statusJson(facts, view)).toMatchObject({
      exists: true,
      buffer: 'disk',
      in_use_by: 1234,
      segments: 12,
      bytes: 35_757_000,
      max_bytes: 1_073_741_824,
      oldest: '2026-03-01T08:48:00.000Z',
      oldest_age_ms: 192 * MINUTE,
      cursors: [
        { name: 'file', is_configured: true, unsent_lines: 0, oldest: null, oldest_age_ms: null },
        { name: 'influxdb', unsent_lines: 1234, unsent_bytes: 12_300, backlog_lines: 1000, oldest_age_ms: 95_000 },
        { name: 'old', is_configured: false, is_damaged: false, saved: '2026-03-01T11:59:59.000Z' },
        { name: 'torn', is_damaged: true, saved: null },
      ],
    });
  });

  test('JSON has the same keys with and without a journal', () => {
    expect(Object.keys(noJournalJson(facts)).sort()).toEqual(Object.keys(statusJson(facts, view)).sort());
  });

  test('JSON has a holder without a process number as text', () => {
    expect(statusJson(facts, { ...view, holder: 'of another user' })).toMatchObject({ in_use_by: 'of another user' });
    expect(statusJson(facts, { ...view, holder: undefined })).toMatchObject({ in_use_by: null });
  });
});

describe('text for terminals', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [102_399, '100 KiB'],
    [34.1 * 1024 ** 2, '34.1 MiB'],
    [1024 ** 3, '1 GiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(humanBytes(bytes)).toBe(text);
  });

  test.each([
    [-5, '0s'],
    [999, '0s'],
    [95_500, '1m35s'],
    [3_599_999, '59m59s'],
    [11_525_000, '3h12m'],
    [183_700_000, '2d3h'],
  ])('%d ms are %s', (ms, text) => {
    expect(humanAge(ms)).toBe(text);
  });

  test('counts are grouped by thousands, and one is singular', () => {
    expect([0, 999, 1000, 1_234_567].map(humanCount)).toEqual(['0', '999', '1 000', '1 234 567']);
    expect([counted(1, 'line'), counted(2, 'line'), counted(2, 'batch', 'batches')]).toEqual([
      '1 line',
      '2 lines',
      '2 batches',
    ]);
  });

  test('columns are as wide as their widest cell, and lines end without blanks', () => {
    const rows = [
      ['a', '1', ''],
      ['long', '100', 'x'],
    ];
    expect(columns(rows, ['left', 'right', 'left'])).toEqual(['a       1', 'long  100  x']);
  });
});
