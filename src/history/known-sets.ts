/** Which fields a stored series set has, from the header of its newest block. Kept, because a search asks with every letter. */
import type { KnownField } from './access.ts';
import { Block } from './codec/block.ts';
import { CorruptBlockError } from './codec/corrupt-block.ts';
import { fieldOf } from './roll-up.ts';
import type { Column } from './samples.ts';
import { toMs } from './spans.ts';
import type { HistoryDatabase } from './store/database.ts';

export interface StoredFields {
  /** Of two types of one field the newer one is not known. */
  readonly fields: ReadonlyMap<string, KnownField['type']>;
  /** ms since the Unix epoch. */
  readonly lastAt: number;
}

const TYPES = { float: 'float', integer: 'int', boolean: 'bool', text: 'string' } as const;

const NOTHING: StoredFields = { fields: new Map(), lastAt: 0 };

export class KnownSets {
  readonly #known = new Map<number, StoredFields>();

  /** @param set in the database @returns no fields if its block cannot be read */
  of(database: HistoryDatabase, set: number): StoredFields {
    const known = this.#known.get(set) ?? read(database, set);
    this.#known.set(set, known);
    return known;
  }

  /** Its newest block has changed. */
  forget(set: number): void {
    this.#known.delete(set);
  }

  clear(): void {
    this.#known.clear();
  }
}

function read(database: HistoryDatabase, set: number): StoredFields {
  try {
    const raw = database.newest(set, 'raw');
    if (raw !== undefined) return fieldsIn(new Block(raw.bytes), (name) => name);
    const minutes = database.newest(set, 'minutes');
    return minutes === undefined ? NOTHING : fieldsIn(new Block(minutes.bytes), fieldOf);
  } catch (error) {
    if (!(error instanceof CorruptBlockError)) throw error;
    return NOTHING;
  }
}

function fieldsIn({ columns, lastTime }: Block, nameOf: (column: string) => string): StoredFields {
  const fields = new Map(columns.map(({ name, kind }) => [nameOf(name), typeOf(kind)] as const));
  return { fields, lastAt: toMs(lastTime) };
}

export function typeOf(kind: Column['kind']): KnownField['type'] {
  return TYPES[kind];
}
