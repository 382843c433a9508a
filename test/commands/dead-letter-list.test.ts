import { expect, test } from '@jest/globals';

import { parseLetters } from '../../src/deliver/letters.ts';
import { listJson, listText } from '../../src/commands/dead-letter/list.ts';

const HEADER = '# 2026-01-31T08:00:00.000Z output=influxdb lines=2 reason="bad \\"type\\""\n';

test('the list has a row for each group, and the totals', () => {
  const { groups } = parseLetters(
    Buffer.from(`${HEADER}m v=1 1\nm v=2 2\n${HEADER.replace('influxdb', 'b')}m v=3 3\nm v=4 4\n`),
  );
  expect(listText(groups)).toBe(`Time                      Output    Lines  Reason
2026-01-31T08:00:00.000Z  influxdb      2  bad "type"
2026-01-31T08:00:00.000Z  b             2  bad "type"

4 lines in 2 groups; influxdb: 2 lines, b: 2 lines`);
  expect(listJson(groups)).toEqual({
    groups: [
      { time: '2026-01-31T08:00:00.000Z', output: 'influxdb', lines: 2, reason: 'bad "type"' },
      { time: '2026-01-31T08:00:00.000Z', output: 'b', lines: 2, reason: 'bad "type"' },
    ],
    lines: 4,
    lines_by_output: { influxdb: 2, b: 2 },
  });
  expect(listText([])).toBe('No dead letters');
});
