import { join } from 'node:path';
import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { openDeadLetters } from '../../src/deliver/dead-letters.ts';
import { formatLetters, parseLetters } from '../../src/deliver/letters.ts';
import { PermanentError } from '../../src/plugin/errors.ts';
import { manualClock, silentLog } from '../../src/testing.ts';
import { tempFolder } from '../config/temp-folder.ts';

function plain(text: string) {
  const { groups, unfinished } = parseLetters(Buffer.from(text));
  return {
    groups: groups.map(({ output, reason, lines, size }) => ({ output, reason, text: lines.toString(), size })),
    unfinished,
  };
}

const HEADER = '# 2026-01-31T08:00:00.000Z output=influxdb lines=2 reason="bad \\"type\\""\n';

test('what the daemon writes is read back, whatever the lines and the reasons', async () => {
  const letter = fc.record({
    output: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,9}$/),
    reason: fc.string({ minLength: 1, unit: 'binary' }),
    lines: fc.array(
      fc.string({ unit: 'binary' }).map((text) => `m s="${text.replace(/["\\]/g, '\\$&')}",n=1i 1`),
      { minLength: 1, maxLength: 5 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(letter, { minLength: 1, maxLength: 5 }), async (letters) => {
      const path = join(tempFolder(), 'dead-letter.lp');
      const file = openDeadLetters({ path, clock: manualClock(), log: silentLog });
      for (const { output, lines, reason } of letters) await file.add(output, [{ lines, reason: new Error(reason) }]);
      const { groups, unfinished } = parseLetters(readFileSync(path));
      expect(unfinished).toBe(0);
      expect(groups.map(({ output, size }) => [output, size])).toEqual(
        letters.map(({ output, lines }) => [output, lines.length]),
      );
      expect(groups.map(({ lines }) => lines.toString())).toEqual(
        letters.map(({ lines }) => Buffer.from(lines.map((line) => `${line}\n`).join('')).toString()),
      );
      // And written again as it was.
      expect(formatLetters(groups).equals(readFileSync(path))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('strings that hold what looks like a header begin no group', () => {
  const [start = ''] = HEADER.split('"');
  const tricky = `log text="a\n${start}",more="\nm v=9 9\n" 1\nm v=2 2\n`;
  expect(plain(`${HEADER}${tricky}${HEADER}m v=3 3\nm v=4 4\n`).groups).toMatchObject([
    { text: tricky, size: 2 },
    { text: 'm v=3 3\nm v=4 4\n', size: 2 },
  ]);
});

test('lines may have been taken out, put in and commented out by hand', () => {
  expect(plain(`${HEADER}m v=1 1\n${HEADER}m v=2 2\n\n# wrong type\nm v=3 3\nm v=4 4\n${HEADER}`).groups).toEqual([
    { output: 'influxdb', reason: 'bad "type"', text: 'm v=1 1\n', size: 1 },
    { output: 'influxdb', reason: 'bad "type"', text: 'm v=2 2\nm v=3 3\nm v=4 4\n', size: 3 },
  ]);
});

test('a file that an editor saved with other line ends is still understood', () => {
  expect(plain(`${HEADER}m v=1 1\nm v=2 2\n`.replaceAll('\n', '\r\n')).groups).toMatchObject([
    { output: 'influxdb', size: 2 },
  ]);
});

test('a line that was not written whole is counted and not taken for a line', () => {
  expect(plain(`${HEADER}m v=1 1\nm v=2`)).toMatchObject({ groups: [{ text: 'm v=1 1\n', size: 1 }], unfinished: 1 });
  expect(plain(`${HEADER}m v=1 1\nm v=2${HEADER}m v=3 3\nm v=4 4\n`)).toMatchObject({
    groups: [{ size: 1 }, { text: 'm v=3 3\nm v=4 4\n' }],
    unfinished: 1,
  });
  expect(plain(`${HEADER}m v=1 1\nm v=2 2\n${HEADER.slice(0, 30)}`)).toMatchObject({
    groups: [{ size: 2 }],
    unfinished: 0,
  });
});

test('lines above the first header belong to no output', () => {
  expect(plain(`m v=1 1\n${HEADER}m v=2 2\nm v=3 3\n`).groups).toMatchObject([
    { output: '-', text: 'm v=1 1\n' },
    { output: 'influxdb', size: 2 },
  ]);
});

test('an empty file holds nothing', () => {
  expect(plain('')).toEqual({ groups: [], unfinished: 0 });
});

test('a refusal as the host makes it is shown with its reason in one line', async () => {
  const path = join(tempFolder(), 'dead-letter.lp');
  const reason = new PermanentError('field type conflict:\n  "n" is float', { cause: new Error('400') });
  await openDeadLetters({ path, clock: manualClock(), log: silentLog }).add('influxdb', [
    { lines: ['m n="x" 1'], reason },
  ]);
  expect(parseLetters(readFileSync(path)).groups).toMatchObject([{ reason: 'field type conflict: "n" is float: 400' }]);
});

test('H-020: a damaged header with an absurd count takes no time', () => {
  const start = performance.now();
  for (const count of ['9999999999', '9'.repeat(400), '4294967296']) {
    const file = `# 2026-01-31T12:00:00.000Z output=a lines=${count} reason="x"\nm v=1\n# 2026-01-31T12:00:00.000Z output=b lines=1 reason="y"\nm v=2\n`;
    expect(parseLetters(Buffer.from(file)).groups.map(({ output, size }) => [output, size])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  }
  expect(performance.now() - start).toBeLessThan(2000);
});

test('headers that all claim too many lines are read in linear time', () => {
  const group = '# 2026-01-31T12:00:00.000Z output=a lines=999999999 reason="x"\nx v=1\n';
  const started = performance.now();
  expect(parseLetters(Buffer.from(group.repeat(4000))).groups.length).toBe(4000);
  expect(performance.now() - started).toBeLessThan(3000);
});
