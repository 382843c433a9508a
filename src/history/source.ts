/** Where the samples of one series set are: in blocks and in memory. */
import { Block } from './codec/block.ts';
import { CorruptBlockError } from './codec/corrupt-block.ts';
import type { HeadHour } from './head.ts';
import { HOUR_MS, MINUTE_MS, QUARTER_MS, startOf } from './spans.ts';
import type { HistoryDatabase } from './store/database.ts';
import type { Level } from './store/schema.ts';

export interface SetSourceOptions {
  readonly database: HistoryDatabase;
  /** In the database; undefined if nothing of it is stored. */
  readonly set: number | undefined;
  readonly head: readonly HeadHour[];
  readonly onCorrupt: (error: CorruptBlockError) => void;
}

export type RollUp = Exclude<Level, 'raw'>;

/** Of a row of roll-ups, ms. */
export const LENGTHS: Readonly<Record<RollUp, number>> = { minutes: MINUTE_MS, quarters: QUARTER_MS };

/** Lives as long as one question: blocks are read and parsed once for all fields that it asks for. */
export class SetSource {
  readonly head: readonly HeadHour[];
  readonly #options: SetSourceOptions;
  readonly #blocks = new Map<string, readonly Block[]>();
  #rolledUpTo: number | undefined;
  #samplesFrom: number | undefined;

  constructor(options: SetSourceOptions) {
    this.#options = options;
    this.head = options.head;
  }

  /** Those with a row from `from` to `to` (exclusive), oldest first, without damaged ones. */
  blocks(level: Level, from: number, to: number): readonly Block[] {
    const { database, set, onCorrupt } = this.#options;
    if (set === undefined || from >= to) return [];
    const key = `${level} ${from} ${to}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const blocks = database.blocks(set, level, from, to).flatMap(({ bytes }) => {
      try {
        return [new Block(bytes)];
      } catch (error) {
        if (!(error instanceof CorruptBlockError)) throw error;
        onCorrupt(error);
        return [];
      }
    });
    this.#blocks.set(key, blocks);
    return blocks;
  }

  /** All samples before this time, ms, are in quarters and in minutes. */
  get rolledUpTo(): number {
    return (this.#rolledUpTo ??= this.#options.database.rolledUpTo ?? -Infinity);
  }

  /** Start of the oldest hour with samples, on disk or in memory, ms: what is older is in minutes only. */
  get samplesFrom(): number {
    const { database, set, head } = this.#options;
    const stored = () => (set === undefined ? undefined : database.oldest('raw', set));
    return (this.#samplesFrom ??= startOf(Math.min(stored() ?? Infinity, ...head.map(({ hour }) => hour)), HOUR_MS));
  }
}
