import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { auditLine, openAlertLog } from '../../src/logging/alert-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-alert-log-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function open({ path = join(folder, 'alerts.log'), maxSize = 1_000_000, keep = 3 } = {}) {
  const reports: string[] = [];
  return { log: openAlertLog({ path, maxSize, keep, report: (text) => reports.push(text) }), path, reports };
}

const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []);

it('writes each line as it is, in order, and adds to what is there', () => {
  for (const turn of ['a', 'b']) {
    const { log, path, reports } = open();
    for (let i = 0; i < 500; i += 1) log.write(`{"${turn}":"ü${i}"}`);
    expect(linesOf(path).at(-1)).toBe(`{"${turn}":"ü499"}`);
    log.close();
    expect(reports).toEqual([]);
  }
  const lines = linesOf(join(folder, 'alerts.log'));
  expect(lines).toHaveLength(1000);
  expect(lines[0]).toBe('{"a":"ü0"}');
});

it('has a line for each entry, which no text can break', () => {
  expect(auditLine({ at: 0, kind: 'transition', reason: 'fired', rule: 'disk', detail: { text: 'two\nlines' } })).toBe(
    '{"time":"1970-01-01T00:00:00.000Z","kind":"transition","reason":"fired","rule":"disk","detail":{"text":"two\\nlines"}}',
  );
});

it('makes no file before there is something to write', () => {
  const { log } = open();
  log.reopen();
  log.close();
  expect(readdirSync(folder)).toEqual([]);
});

it('is rotated by size, never within a line, and keeps no more files than it may', () => {
  const { log, path } = open({ maxSize: 25, keep: 2 });
  for (let i = 0; i < 9; i += 1) log.write(`line ${i} xxx`);
  log.close();
  expect(linesOf(path)).toEqual(['line 8 xxx']);
  expect(linesOf(join(folder, 'alerts1.log'))).toEqual(['line 6 xxx', 'line 7 xxx']);
  expect(linesOf(join(folder, 'alerts2.log'))).toEqual(['line 4 xxx', 'line 5 xxx']);
  expect(readdirSync(folder)).toHaveLength(3);
});

it('is rotated by what it held before the start, too; a line larger than a file has one of its own', () => {
  writeFileSync(join(folder, 'alerts.log'), 'x'.repeat(20) + '\n');
  const { log, path } = open({ maxSize: 25, keep: 1 });
  log.write('y'.repeat(100));
  log.write('z');
  log.close();
  expect(linesOf(path)).toEqual(['z']);
  expect(linesOf(join(folder, 'alerts1.log'))).toEqual(['y'.repeat(100)]);
});

it('begins a new file when it was moved away', () => {
  const { log, path } = open();
  log.write('before');
  renameSync(path, `${path}.old`);
  log.write('still there');
  log.reopen();
  log.write('after');
  log.close();
  expect(linesOf(`${path}.old`)).toEqual(['before', 'still there']);
  expect(linesOf(path)).toEqual(['after']);
});

it('a file that cannot be written is reported once, and written as soon as that works', () => {
  const path = join(folder, 'state', 'alerts.log');
  writeFileSync(join(folder, 'state'), 'in the way');
  const { log, reports } = open({ path });
  for (let i = 0; i < 100; i += 1) log.write('lost');
  expect(reports).toHaveLength(1);
  expect(reports[0]).toContain(`The log of alerts ${path} cannot be written: `);
  rmSync(join(folder, 'state'));
  log.write('here again');
  expect(linesOf(path)).toEqual(['here again']);
  log.close();
});
