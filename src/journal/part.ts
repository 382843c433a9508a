import { join } from 'node:path';

import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';

import type { Journal } from './journal.ts';
import { LineJournal } from './line-journal.ts';
import type { JournalSettings } from './settings.ts';

/** Where in the state directory the journal is. */
export function journalDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'journal');
}

export interface JournalSection {
  readonly settings: JournalSettings;
  readonly stateDirectory: string;
}

/** @throws HeldError if another process has the journal */
export function openJournal({ settings, stateDirectory }: JournalSection, clock: Clock, log: Logger): Promise<Journal> {
  const { buffer, sync, max_bytes: maxBytes, max_age: maxAge, keep, memory_bytes: memoryBytes } = settings;
  if (buffer === 'memory') return Promise.resolve(LineJournal.inMemory({ memoryBytes, clock, log }));
  return LineJournal.open({
    memoryBytes,
    disk: { directory: journalDirectory(stateDirectory), sync, maxBytes, maxAge, keep },
    clock,
    log,
  });
}
