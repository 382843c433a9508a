import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import type { LogSettings } from '../../src/logging/settings.ts';
import { openLogging } from '../../src/logging/logging.ts';

const text: LogSettings = { level: 'info', format: 'text', file: undefined };

function open(settings: LogSettings, redact = (line: string) => line) {
  const stream = new PassThrough();
  let written = '';
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  const logging = openLogging({ settings, stream, now: () => 1_700_000_000_000, redact });
  return { logging, written: () => written };
}

test('a text line has time, level, name, message and metadata', async () => {
  const { logging, written } = open(text);
  logging
    .logFor('outputs.influxdb')
    .warn('Cannot write: connect ECONNREFUSED', { unsent_lines: 12, note: 'two words' });
  logging.logFor('agent').debug('not at this level');
  await logging.close();
  expect(written()).toBe(
    '2023-11-14T22:13:20.000Z warn  [outputs.influxdb] Cannot write: connect ECONNREFUSED unsent_lines=12 note="two words"\n',
  );
});

test('a JSON line is one object, and metadata cannot override its name or level', async () => {
  const { logging, written } = open({ ...text, format: 'json' });
  logging
    .logFor('inputs.cpu')
    .error('broken', { name: 'forged', level: 'debug', cause: new Error('why'), big: 2n ** 60n });
  await logging.close();
  expect(JSON.parse(written())).toEqual({
    time: '2023-11-14T22:13:20.000Z',
    level: 'error',
    name: 'inputs.cpu',
    message: 'broken',
    cause: 'why',
    big: '1152921504606846976',
  });
});

test('secrets are removed from messages and metadata, not from the name', async () => {
  const { logging, written } = open(text, (line) => line.replaceAll('influxdb', '<secret>'));
  logging.logFor('outputs.influxdb').warn('No login as influxdb', {
    url: 'influxdb',
    urls: ['influxdb', 2],
    cause: new Error('of influxdb'),
  });
  await logging.close();
  expect(written()).toBe(
    '2023-11-14T22:13:20.000Z warn  [outputs.influxdb] No login as <secret> url="<secret>" urls="<secret>",2 cause="of <secret>"\n',
  );
});

test('control characters cannot move the cursor or forge a line', async () => {
  const { logging, written } = open(text);
  logging.logFor('agent').info('one\u001b[2J\r\ntwo', { key: 'a\nb' });
  await logging.close();
  const [first, second, ...rest] = written().split('\n');
  expect(first).toMatch(/ one\\x1b\[2J\\x0d$/);
  expect([second, rest]).toEqual(['    two key="a\\\\nb"', ['']]);
});

test('level and format can change at runtime', async () => {
  const { logging, written } = open(text);
  const log = logging.logFor('agent');
  log.debug('before');
  logging.configure({ ...text, level: 'debug', format: 'json' });
  log.debug('after');
  await logging.close();
  expect(JSON.parse(written())).toMatchObject({ message: 'after' });
});

test('the file gets every line, also the last ones before close, and is reopened after logrotate moved it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-log-'));
  const path = join(folder, 'healthd.log');
  const settings: LogSettings = { ...text, file: { path, max_size: 1e6, keep: 3, gzip: true } };
  const { logging } = open(settings);
  const log = logging.logFor('agent');
  for (let line = 0; line < 500; line += 1) log.info(`line ${line}`);
  await logging.close();
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(500);

  const again = open(settings).logging;
  renameSync(path, `${path}.old`);
  again.configure(settings);
  again.logFor('agent').info('in the new file');
  await again.close();
  expect(readFileSync(path, 'utf8')).toContain('in the new file');
  rmSync(folder, { recursive: true });
});

test('no line is lost when the configuration is reloaded during a rotation', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-log-'));
  const file = { path: join(folder, 'healthd.log'), max_size: 10_000, keep: 99, gzip: false };
  const { logging } = open({ ...text, file });
  const log = logging.logFor('agent');
  let lines = 0;
  for (let reload = 0; reload < 10; reload += 1) {
    for (let i = 0; i < 300; i += 1) log.info(`line ${(lines += 1)} `);
    logging.configure({ ...text, file });
    for (let i = 0; i < 300; i += 1) log.info(`line ${(lines += 1)} `);
    await setImmediate();
  }
  await logging.close();
  const written = readdirSync(folder).flatMap(
    (name) => readFileSync(join(folder, name), 'utf8').match(/line \d+ /g) ?? [],
  );
  expect(new Set(written).size).toBe(lines);
  rmSync(folder, { recursive: true });
});

test('a log file that cannot be written is reported and does not end the process', async () => {
  const { logging, written } = open({
    ...text,
    file: { path: join(import.meta.filename, 'cannot.log'), max_size: 1e6, keep: 3, gzip: true },
  });
  logging.logFor('agent').info('still here');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(written()).toContain('still here');
  expect(written()).toMatch(/Cannot write the log file .*logging\.test\.ts\/cannot\.log: /);
});
