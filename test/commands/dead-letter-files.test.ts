import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { openDeadLetters } from '../../src/deliver/dead-letters.ts';
import { hasLetters, readLetters, TakenLetters } from '../../src/commands/dead-letter/files.ts';
import { resend } from '../../src/commands/dead-letter/resend.ts';
import type { LineBatch } from '../../src/metric/batch.ts';
import { systemClock } from '../../src/core/clock.ts';
import { PermanentError } from '../../src/plugin/errors.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { tempFolder, writeFiles } from '../config/temp-folder.ts';

const letter = (output: string, line: string, time = '2026-01-31T08:00:00.000Z') =>
  `# ${time} output=${output} lines=1 reason="bad"\n${line}\n`;

const read = async (folder: string) =>
  (await readLetters(folder)).groups.map(({ lines }) => lines.toString().trimEnd());

test('reads both files, the newest group last', async () => {
  const folder = tempFolder({
    'dead-letter.lp': letter('a', 'm v=3 3', '2026-01-31T10:00:00.000Z'),
    'dead-letter.lp.1':
      letter('a', 'm v=2 2', '2026-01-31T09:00:00.000Z') + letter('b', 'm v=1 1', '2026-01-31T08:00:00.000Z'),
  });
  expect(await read(folder)).toEqual(['m v=1 1', 'm v=2 2', 'm v=3 3']);
});

test('without files there are no groups, and no file is created', async () => {
  const folder = tempFolder();
  expect(await hasLetters(folder)).toBe(false);
  expect(await readLetters(folder)).toEqual({ groups: [], unfinished: 0 });
  expect(readdirSync(folder)).toEqual([]);
});

test('finish puts the remaining groups back and keeps a backup until the next replay', async () => {
  const folder = tempFolder({ 'dead-letter.lp': letter('a', 'm v=1 1') + letter('b', 'm v=2 2') });
  const before = readFileSync(join(folder, 'dead-letter.lp'), 'utf8');
  const taken = await TakenLetters.take(folder, systemClock);
  expect(existsSync(join(folder, 'dead-letter.lp'))).toBe(false);
  await taken.finish(taken.groups.filter(({ output }) => output === 'b'));
  await taken.release();
  expect(await read(folder)).toEqual(['m v=2 2']);
  expect(readFileSync(join(folder, 'dead-letter.replay/before-0.lp'), 'utf8')).toBe(before);

  const again = await TakenLetters.take(folder, systemClock);
  await again.finish([]);
  await again.release();
  expect(await hasLetters(folder)).toBe(false);
  expect(readdirSync(join(folder, 'dead-letter.replay'))).toEqual(['before-0.lp']);
  expect(readFileSync(join(folder, 'dead-letter.replay/before-0.lp'), 'utf8')).toBe(letter('b', 'm v=2 2'));
});

test('a daemon that appends meanwhile loses nothing, even across a rotation', async () => {
  const folder = tempFolder();
  const path = join(folder, 'dead-letter.lp');
  const daemon = openDeadLetters({ path, maxSize: 2000, clock: systemClock, log: silentLog });
  const add = (i: number) => daemon.add('a', [{ lines: [`m v=${i}i 1`], reason: new PermanentError('bad') }]);
  for (let i = 0; i < 20; i += 1) await add(i);
  const taken = await TakenLetters.take(folder, systemClock);
  // Enough for one rotation, not for two.
  for (let i = 20; i < 50; i += 1) await add(i);
  await taken.finish(taken.groups);
  await taken.release();
  const values = (await read(folder)).map((line) => Number(/v=(\d+)i/.exec(line)?.[1]));
  expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test('a line written to a taken file after it was read is kept', async () => {
  const folder = tempFolder({ 'dead-letter.lp': letter('a', 'm v=1 1') });
  const taken = await TakenLetters.take(folder, systemClock);
  appendFileSync(join(folder, 'dead-letter.replay/taken-0.lp'), letter('a', 'm v=2 2'));
  await taken.finish([]);
  await taken.release();
  expect(await read(folder)).toEqual(['m v=2 2']);
});

test('take waits for a write in progress', async () => {
  const folder = tempFolder({ 'dead-letter.lp': letter('a', 'm v=1 1') });
  const clock = manualClock();
  const path = join(folder, 'dead-letter.replay/taken-0.lp');
  const quiet = {
    ...clock,
    sleep: () => {
      if (!readFileSync(path, 'utf8').includes('v=3')) appendFileSync(path, letter('a', 'm v=3 3'));
      return Promise.resolve();
    },
  };
  const taken = await TakenLetters.take(folder, quiet);
  expect(taken.groups).toHaveLength(2);
  await taken.release();
});

test('the groups of a killed replay are listed, and taken by the next one', async () => {
  const folder = tempFolder({ 'dead-letter.lp': letter('a', 'm v=1 1', '2026-01-31T08:00:00.000Z') });
  await (await TakenLetters.take(folder, systemClock)).release();
  writeFiles(folder, { 'dead-letter.lp': letter('a', 'm v=2 2', '2026-01-31T09:00:00.000Z') });
  expect(await read(folder)).toEqual(['m v=1 1', 'm v=2 2']);
  const taken = await TakenLetters.take(folder, systemClock);
  expect(taken.groups.map(({ lines }) => lines.toString())).toEqual(['m v=1 1\n', 'm v=2 2\n']);
  await taken.finish([]);
  await taken.release();
  expect(await hasLetters(folder)).toBe(false);
});

test('a second concurrent replay is refused, the first one continues', async () => {
  const folder = tempFolder({ 'dead-letter.lp': letter('a', 'm v=1 1') });
  const taken = await TakenLetters.take(folder, systemClock);
  writeFiles(folder, { 'dead-letter.lp': letter('a', 'm v=2 2') });
  await expect(TakenLetters.take(folder, systemClock)).rejects.toThrow(
    `Another dead-letter replay is running (process ${process.pid}); wait for it to end`,
  );
  await taken.finish([]);
  await taken.release();
  expect(await read(folder)).toEqual(['m v=2 2']);
});

test('if the remaining groups cannot be put back, all files stay in place', async () => {
  const folder = tempFolder({ 'dead-letter.lp': letter('a', 'm v=1 1') });
  const taken = await TakenLetters.take(folder, systemClock);
  mkdirSync(join(folder, 'dead-letter.lp.1/in the way'), { recursive: true });
  await expect(taken.finish(taken.groups)).rejects.toThrow();
  await taken.release();
  expect(readFileSync(join(folder, 'dead-letter.replay/taken-0.lp'), 'utf8')).toContain('m v=1 1');
});

test('a symbolic link at the path of the draft is not followed', async () => {
  const folder = tempFolder({ 'dead-letter.lp': letter('a', 'm v=1 1'), 'dead-letter.replay/draft': 'old' });
  writeFileSync(join(folder, 'precious'), 'untouched');
  rmSync(join(folder, 'dead-letter.replay/draft'));
  symlinkSync(join(folder, 'precious'), join(folder, 'dead-letter.replay/draft'));
  const taken = await TakenLetters.take(folder, systemClock);
  await taken.finish(taken.groups);
  await taken.release();
  expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('untouched');
  expect(await read(folder)).toEqual(['m v=1 1']);
});

const LINES = Array.from({ length: 10 }, (_, i) => `m v=${i}i 1`);
const group = {
  time: '2026-01-31T08:00:00.000Z',
  output: 'a',
  reason: 'bad',
  lines: Buffer.from(LINES.map((line) => `${line}\n`).join('')),
  size: 10,
};

test('resend returns only lines refused again, with the new reason and time', async () => {
  const clock = manualClock(Date.parse('2026-03-01T12:00:00Z'));
  const send = (batch: LineBatch) =>
    Promise.resolve(
      [...batch.texts()]
        .filter((line) => line.includes('v=7i'))
        .map((line) => ({ lines: [line], reason: new Error('worse') })),
    );
  const resent = await resend([group], { limits: { lines: 4, bytes: 1e6 }, send }, clock);
  expect(resent).toMatchObject({ accepted: 9, refused: 1, failure: undefined });
  expect(resent.left).toEqual([
    { time: '2026-03-01T12:00:00.000Z', output: 'a', reason: 'worse', lines: Buffer.from('m v=7i 1\n'), size: 1 },
  ]);
});

test('when the destination fails, unsent lines are returned unchanged', async () => {
  let batches = 0;
  const send = () => {
    batches += 1;
    return batches > 2 ? Promise.reject(new Error('away')) : Promise.resolve([]);
  };
  const resent = await resend([group], { limits: { lines: 4, bytes: 1e6 }, send }, manualClock());
  expect(resent).toMatchObject({ accepted: 8, refused: 0, failure: { message: 'away' } });
  expect(resent.left.map(({ lines, ...rest }) => ({ ...rest, lines: lines.toString() }))).toEqual([
    { ...group, size: 2, lines: 'm v=8i 1\nm v=9i 1\n' },
  ]);
});

test('small groups of one output share a batch; unsent ones are returned unchanged', async () => {
  const single = LINES.map((line, i) => ({ ...group, reason: `bad ${i}`, lines: Buffer.from(`${line}\n`), size: 1 }));
  const sizes: number[] = [];
  const send = (batch: LineBatch) => {
    sizes.push(batch.size);
    return sizes.length > 1 ? Promise.reject(new Error('away')) : Promise.resolve([]);
  };
  const resent = await resend(single, { limits: { lines: 8, bytes: 1e6 }, send }, manualClock());
  expect(sizes).toEqual([8, 2]);
  expect(resent.left).toEqual(single.slice(8));
});

test('lines refused again for the same reason form one group', async () => {
  const send = (batch: LineBatch) =>
    Promise.resolve([...batch.texts()].map((line, i) => ({ lines: [line], reason: new Error(`bad ${i % 2}`) })));
  const { left } = await resend([group], { limits: { lines: 100, bytes: 1e6 }, send }, manualClock());
  expect(left.map(({ reason, size }) => [reason, size])).toEqual([
    ['bad 0', 5],
    ['bad 1', 5],
  ]);
});
