/** The journal of a process that is killed just after outputs were added. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { systemClock } from '../../src/core/clock.ts';
import { LineJournal } from '../../src/journal/line-journal.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { serverFolder } from '../support/servers/real-server.ts';

/** Enough for their cursors to take longer to create than a segment. */
const OUTPUTS = Array.from({ length: 32 }, (_, index) => `new-${index}.cursor`);

test('lines of a new output are not written to the disk before its cursor is', async () => {
  const folder = serverFolder('new-output');
  const disk = { directory: folder.path, sync: 'none', maxBytes: 1e9, maxAge: 1e9, keep: 0 } as const;
  const log = recordingLog();
  const journal = await LineJournal.open({ memoryBytes: 1e9, disk, clock: systemClock, log });
  for (const file of OUTPUTS) journal.reader(file.replace('.cursor', ''));
  journal.append(Buffer.from('m f=1i 1\n'.repeat(1000)), 1000);
  // After a kill now, an output without a cursor would start behind these lines.
  while (!hasLines(folder.path)) await new Promise((resolve) => setImmediate(resolve));
  expect(readdirSync(join(folder.path, 'cursors')).sort()).toEqual([...OUTPUTS].sort());
  await journal.close();
  expect(log.lines).toEqual([]);
  folder.remove();
});

function hasLines(directory: string): boolean {
  return readdirSync(directory).some((name) => name.endsWith('.seg') && statSync(join(directory, name)).size > 0);
}
