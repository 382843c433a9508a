import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { openDeadLetters } from '../../src/deliver/dead-letters.ts';
import { LineBatch } from '../../src/metric/batch.ts';
import { formatLine } from '../../src/metric/line-protocol.ts';
import { manualClock } from '../../src/testing.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-dead-letters-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function opened(maxSize?: number) {
  const path = join(folder, 'state', 'dead-letter.lp');
  const log = recordingLog();
  const clock = manualClock(1_700_000_000_000);
  const letters = openDeadLetters({ path, clock, log, ...(maxSize === undefined ? {} : { maxSize }) });
  return { letters, log, path, text: () => readFileSync(path, 'utf8') };
}

test('above each group a comment says when, which output, how many lines and why', async () => {
  const { letters, text } = opened();
  await letters.add('influxdb', [
    { lines: ['m v=1', 'm v=2'], reason: new Error('type "conflict"', { cause: new Error('first\nsecond') }) },
    { lines: ['m v=3'], reason: new Error('too old') },
  ]);
  expect(text()).toBe(
    '# 2023-11-14T22:13:20.000Z output=influxdb lines=2 reason="type \\"conflict\\": first second"\nm v=1\nm v=2\n' +
      '# 2023-11-14T22:13:20.000Z output=influxdb lines=1 reason="too old"\nm v=3\n',
  );
});

test('what can be told apart by the count and by quotes is told apart, whatever strings hold', async () => {
  const string = fc.oneof(
    fc.string(),
    fc.constantFrom('a\nb', '"\n"', '\\', '\\"\n', '\n# 2023-11-14T22:13:20.000Z output=x lines=1 reason="y"\nm v=1'),
  );
  const groups = fc.array(fc.record({ strings: fc.array(string, { minLength: 1, maxLength: 4 }), reason: string }));
  let run = 0;
  await fc.assert(
    fc.asyncProperty(groups, async (all) => {
      run += 1;
      const path = join(folder, String(run));
      const letters = openDeadLetters({ path, clock: manualClock(), log: recordingLog() });
      const refusals = all.map(({ strings, reason }) => ({ lines: strings.map(lineOf), reason: new Error(reason) }));
      await letters.add('x', refusals);
      let rest = readFileSync(path);
      for (const { lines } of refusals) {
        const header = rest.indexOf('\n') + 1;
        const [, count] = / lines=(\d+) reason="/.exec(rest.subarray(0, header).toString())!;
        const group = new LineBatch(rest.subarray(header), Number(count)).slice(0, Number(count));
        expect([...group.texts()]).toEqual(lines);
        rest = rest.subarray(header + group.lines.length);
      }
      expect(rest).toHaveLength(0);
    }),
    { numRuns: 50 },
  );
});

function lineOf(text: string): string {
  return formatLine({ name: 'm', tags: {}, fields: { s: text, v: 1n }, time: 1n });
}

test('a full file takes the place of the one before, and that is told when it costs something', async () => {
  const { letters, log, path, text } = opened(100);
  const add = (value: number) => letters.add('x', [{ lines: [`m v=${value}`], reason: new Error('no') }]);
  for (const value of [1, 2]) await add(value);
  expect(text()).toContain('m v=1\n');
  await add(3);
  expect(text()).not.toContain('m v=1\n');
  expect(readFileSync(`${path}.1`, 'utf8')).toContain('m v=1\n');
  expect(log.lines).toEqual([]);
  for (const value of [4, 5]) await add(value);
  expect(readFileSync(`${path}.1`, 'utf8')).not.toContain('m v=1\n');
  expect(log.lines).toEqual(['warn: The older dead letters were deleted to make room']);
});

test('what cannot be written is told as lost, and nothing is thrown', async () => {
  const { letters, log } = opened();
  writeFileSync(join(folder, 'state'), 'not a folder');
  await letters.add('x', [{ lines: ['m v=1'], reason: new Error('no') }]);
  expect(log.lines).toEqual([
    expect.stringMatching(/^error: Refused lines are lost: the dead-letter file cannot be written: /),
  ]);
});

test('H-017, H-018: only owner and group read them; a symbolic link is not followed', async () => {
  const before = process.umask(0o022);
  try {
    const { letters, path, log } = opened();
    await letters.add('a', [{ lines: ['m v=1'], reason: new Error('no') }]);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o750);
    rmSync(join(folder, 'state'), { recursive: true });
    mkdirSync(join(folder, 'state'));
    symlinkSync(join(folder, 'victim'), path);
    await letters.add('a', [{ lines: ['m v=1'], reason: new Error('no') }]);
    expect(existsSync(join(folder, 'victim'))).toBe(false);
    expect(JSON.stringify(log)).toMatch(/cannot be written/);
  } finally {
    process.umask(before);
  }
});
