/** What the parts of the engine share. */
import type { Clock } from '../../core/clock.ts';

import type { Book } from './book.ts';
import type { Changes } from './changes.ts';
import type { Faults } from './faults.ts';
import type { CompleteSettings } from './settings.ts';

export interface Parts {
  readonly clock: Clock;
  readonly book: Book;
  readonly changes: Changes;
  readonly faults: Faults;
  readonly settings: () => CompleteSettings;
  /** @returns whether the clock has jumped, so that nothing is known about what was waited for */
  readonly checkClock: () => boolean;
  /** Something waits for time to pass now. */
  readonly onWaiting: () => void;
  /** By the clock's `elapsed`: until then nothing is judged, because the clock has jumped. */
  readonly frozenUntil: () => number;
}
