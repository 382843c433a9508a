import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { createLetterCounter } from '../../src/deliver/letter-counts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-letters-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function letter(time: string, output: string, reason: string, lines: readonly string[]): string {
  return `# ${time} output=${output} lines=${lines.length} reason="${reason}"\n${lines.map((line) => `${line}\n`).join('')}`;
}

test('there are none without a file', async () => {
  expect(await createLetterCounter(join(folder, 'dead-letter.lp'))()).toEqual([]);
});

test('lines are counted by output over both files, and again when a file changes', async () => {
  const path = join(folder, 'dead-letter.lp');
  const line = 'm v=1 1700000000000000000';
  writeFileSync(`${path}.1`, letter('2026-01-01T00:00:00.000Z', 'influxdb', 'old', [line]));
  writeFileSync(path, letter('2026-01-02T00:00:00.000Z', 'influxdb', 'new', [line, line]));
  const count = createLetterCounter(path);
  const since = Date.parse('2026-01-01T00:00:00.000Z');
  expect(await count()).toEqual([{ output: 'influxdb', lines: 3, bytes: 3 * (line.length + 1), since, reason: 'new' }]);

  writeFileSync(path, letter('2026-01-02T00:00:00.000Z', 'loki', 'bad', [line]));
  utimesSync(path, 1, 1);
  expect((await count()).map(({ output, lines }) => [output, lines])).toEqual([
    ['influxdb', 1],
    ['loki', 1],
  ]);
});
