import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { auditLine, openAlertLog } from '../../src/logging/alert-log.ts';
import { diskTest, smallDisk } from '../support/servers/small-disk.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-alert-log-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function open({ path = join(folder, 'alerts.log'), maxSize = 1_000_000, keep = 3, gzip = false } = {}) {
  const reports: string[] = [];
  return { log: openAlertLog({ path, maxSize, keep, gzip, report: (text) => reports.push(text) }), path, reports };
}

const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []);

it('writes lines unchanged and in order, and appends to an existing file', async () => {
  for (const turn of ['a', 'b']) {
    const { log, path, reports } = open();
    for (let i = 0; i < 500; i += 1) log.write(`{"${turn}":"ü${i}"}`);
    expect(linesOf(path).at(-1)).toBe(`{"${turn}":"ü499"}`);
    await log.close();
    expect(reports).toEqual([]);
  }
  const lines = linesOf(join(folder, 'alerts.log'));
  expect(lines).toHaveLength(1000);
  expect(lines[0]).toBe('{"a":"ü0"}');
});

it('writes one line per entry, whatever its texts contain', () => {
  expect(auditLine({ at: 0, kind: 'transition', reason: 'fired', rule: 'disk', detail: { text: 'two\nlines' } })).toBe(
    '{"time":"1970-01-01T00:00:00.000Z","kind":"transition","reason":"fired","rule":"disk","detail":{"text":"two\\nlines"}}',
  );
});

it('creates no file before the first line', async () => {
  const { log } = open();
  log.reopen();
  await log.close();
  expect(readdirSync(folder)).toEqual([]);
});

it('rotates by size, never within a line, and keeps at most `keep` rotated files', async () => {
  const { log, path } = open({ maxSize: 25, keep: 2 });
  for (let i = 0; i < 9; i += 1) log.write(`line ${i} xxx`);
  await log.close();
  expect(linesOf(path)).toEqual(['line 8 xxx']);
  expect(linesOf(join(folder, 'alerts1.log'))).toEqual(['line 6 xxx', 'line 7 xxx']);
  expect(linesOf(join(folder, 'alerts2.log'))).toEqual(['line 4 xxx', 'line 5 xxx']);
  expect(readdirSync(folder)).toHaveLength(3);
});

it('counts what the file held before the start; a line larger than the limit gets its own file', async () => {
  writeFileSync(join(folder, 'alerts.log'), 'x'.repeat(20) + '\n');
  const { log, path } = open({ maxSize: 25, keep: 1 });
  log.write('y'.repeat(100));
  log.write('z');
  await log.close();
  expect(linesOf(path)).toEqual(['z']);
  expect(linesOf(join(folder, 'alerts1.log'))).toEqual(['y'.repeat(100)]);
});

it('starts a new file on reopen, after the old one was moved', async () => {
  const { log, path } = open();
  log.write('before');
  renameSync(path, `${path}.old`);
  log.write('still there');
  log.reopen();
  log.write('after');
  await log.close();
  expect(linesOf(`${path}.old`)).toEqual(['before', 'still there']);
  expect(linesOf(path)).toEqual(['after']);
});

it('reports once that the file cannot be written, and writes again as soon as possible', async () => {
  const path = join(folder, 'state', 'alerts.log');
  writeFileSync(join(folder, 'state'), 'in the way');
  const { log, reports } = open({ path });
  for (let i = 0; i < 100; i += 1) log.write('lost');
  expect(reports).toHaveLength(1);
  expect(reports[0]).toContain(`Cannot write the alert log ${path}: `);
  rmSync(join(folder, 'state'));
  log.write('here again');
  expect(linesOf(path)).toEqual(['here again']);
  await log.close();
});

it('compresses rotated files, and does not rotate again before that is done', async () => {
  const { log, path } = open({ maxSize: 25, keep: 2, gzip: true });
  for (let i = 0; i < 9; i += 1) log.write(`line ${i} xxx`);
  await log.close();
  const text = (name: string) => gunzipSync(readFileSync(join(folder, name))).toString();
  expect(text('alerts1.log.gz')).toBe('line 0 xxx\nline 1 xxx\n');
  expect(linesOf(path)).toHaveLength(7);
  const again = open({ maxSize: 25, keep: 2, gzip: true });
  again.log.write('later');
  await again.log.close();
  expect(text('alerts2.log.gz')).toBe('line 0 xxx\nline 1 xxx\n');
  expect(text('alerts1.log.gz')).toContain('line 8 xxx');
  expect(readdirSync(folder).sort()).toEqual(['alerts.log', 'alerts1.log.gz', 'alerts2.log.gz']);
});

it('leaves a file that cannot be compressed as it is, and does not fail', async () => {
  mkdirSync(join(folder, 'alerts1.log.gz.partial'));
  const { log, path } = open({ maxSize: 5, gzip: true });
  log.write('one');
  log.write('two');
  await expect(log.close()).resolves.toBeUndefined();
  expect(linesOf(join(folder, 'alerts1.log'))).toEqual(['one']);
  expect(linesOf(path)).toEqual(['two']);
});

diskTest('leaves no partial line when the disk becomes full', async () => {
  const disk = smallDisk();
  try {
    const { log, path, reports } = open({ path: join(disk.path, 'alerts.log'), maxSize: 100_000_000 });
    log.write('first');
    disk.fill();
    for (let i = 0; i < 100; i += 1) log.write('x'.repeat(999));
    disk.empty();
    log.write('last');
    await log.close();
    expect(reports).toHaveLength(1);
    const lines = linesOf(path);
    expect(lines.at(-1)).toBe('last');
    expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([5, 999, 4]));
  } finally {
    disk.remove();
  }
});

it('keeps appending to a file that cannot be rotated, and reports that once', async () => {
  mkdirSync(join(folder, 'alerts3.log'));
  const { log, path, reports } = open({ maxSize: 5 });
  for (const line of ['one', 'two', 'three']) log.write(line);
  await log.close();
  expect(linesOf(path)).toEqual(['one', 'two', 'three']);
  expect(reports).toEqual([expect.stringMatching(/^Cannot rotate the alert log .*alerts\.log, it keeps growing: /)]);
});

it('H-017: only owner and group read it, also a file of an earlier version', async () => {
  const before = process.umask(0o022);
  try {
    const path = join(folder, 'made', 'alerts.log');
    const { log } = open({ path });
    log.write('a');
    await log.close();
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o750);
    const old = join(folder, 'old.log');
    writeFileSync(old, '', { mode: 0o644 });
    const { log: again } = open({ path: old });
    again.write('a');
    await again.close();
    expect(statSync(old).mode & 0o777).toBe(0o640);
  } finally {
    process.umask(before);
  }
});

it('H-018: it is not written through a symbolic link', async () => {
  const victim = join(folder, 'victim');
  symlinkSync(victim, join(folder, 'alerts.log'));
  const { log, reports } = open();
  log.write('a');
  await log.close();
  expect(existsSync(victim)).toBe(false);
  expect(reports).toEqual([expect.stringMatching(/Cannot write the alert log .*ELOOP/)]);
});
