/** The journal as a part of the agent. Its settings cannot change while the process runs. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';

import type { Journal } from './journal.ts';
import { LineJournal } from './line-journal.ts';
import type { JournalSettings } from './settings.ts';

export interface JournalSection {
  readonly settings: JournalSettings;
  readonly stateDirectory: string;
}

export interface JournalOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: opened with the settings of the section. */
  readonly journal?: Journal | undefined;
}

/** Path of the journal in the state directory. */
export function journalDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'journal');
}

export class JournalPart implements Part<JournalSection> {
  readonly name = 'journal';
  readonly #options: JournalOptions;
  #open: { readonly journal: Journal; readonly section: JournalSection } | undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** @throws Error if it was not prepared */
  get journal(): Journal {
    if (this.#open === undefined) throw new Error('The journal is not open');
    return this.#open.journal;
  }

  /** @throws HeldError if another process holds the journal */
  async prepare(next: JournalSection): Promise<Prepared> {
    const { clock, log } = this.#options;
    const before = this.#open;
    if (before === undefined) {
      this.#open = { journal: this.#options.journal ?? (await openJournal(next, clock, log)), section: next };
    }
    return {
      use: () => {
        if (before !== undefined && !isDeepStrictEqual(before.section, next)) {
          log.warn('Changes of the journal settings and of the state directory need a restart of healthd');
        }
        return Promise.resolve();
      },
      discard: async () => {
        if (before !== undefined) return;
        await this.stop();
        this.#open = undefined;
      },
    };
  }

  status(): readonly PartStatus[] {
    const { segments, diskBytes, memoryBytes, isDegraded, writeErrors } = this.journal.status;
    const fields = {
      segments,
      disk_bytes: diskBytes,
      memory_bytes: memoryBytes,
      degraded: isDegraded ? 1 : 0,
      write_errors: writeErrors,
    };
    return [{ name: 'internal_journal', tags: {}, fields }];
  }

  /** Flushes and closes the journal. */
  async stop(): Promise<void> {
    await this.#open?.journal.close();
  }
}

/** @throws HeldError if another process holds the journal */
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
