import { join } from 'node:path';

import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Journal } from '../journal/journal.ts';
import { LineJournal } from '../journal/line-journal.ts';
import type { Logger } from '../plugin.ts';

/** Where in the state directory the journal is. */
export function journalDirectory({ agent }: Pick<Config, 'agent'>): string {
  return join(agent.state_dir, 'journal');
}

/** @throws HeldError if another process has the journal */
export function openJournal(config: Config, clock: Clock, log: Logger): Promise<Journal> {
  const { buffer, sync, max_bytes: maxBytes, max_age: maxAge, keep, memory_bytes: memoryBytes } = config.journal;
  if (buffer === 'memory') return Promise.resolve(LineJournal.inMemory({ memoryBytes, clock, log }));
  return LineJournal.open({
    memoryBytes,
    disk: { directory: journalDirectory(config), sync, maxBytes, maxAge, keep },
    clock,
    log,
  });
}
