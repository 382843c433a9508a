/** `healthd sql`: a statement over samples, each measurement as a table. */
import { ConfigError, errorCode, toError } from '../../core/errors.ts';
import { systemClock } from '../../core/clock.ts';
import type { KnownSet } from '../../history/access.ts';
import type { HistoryReader } from '../../history/reader.ts';
import { Names, Tables, TIME_COLUMN, TooManySamplesError } from '../../history/tables.ts';
import { nearest } from '../../registry/nearest.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { humanBytes, humanCount } from '../columns.ts';
import { pipeData } from '../pipe.ts';
import type { SpanOptions } from '../time.ts';
import { withHistory, type OpenHistory } from './open.ts';
import { rangeOf, type TimeRange } from './range.ts';
import { formatRows, MOST_TABLE_ROWS, type Cell, type RowFormat } from './rows.ts';
import { hasSecondStatement, mayMean } from './statement.ts';

export interface SqlOptions extends ConfigOptions, SpanOptions {
  readonly statement?: string;
  readonly format?: RowFormat;
}

const DEFAULT_LENGTH_MS = 3_600_000;
/** Of the temporary database. */
const MOST_BYTES = 1024 * 1024 * 1024;

export function sql(options: SqlOptions, terminal: Terminal): Promise<ExitCode> {
  const { statement, format = 'table' } = options;
  const range = rangeOf(options, systemClock.now(), DEFAULT_LENGTH_MS);
  if (statement !== undefined) refuseMany(statement);
  return withHistory(options, terminal, async (history) => {
    const known = history.reader.sets();
    const onCut = () => {
      history.say(`Only the first ${humanCount(MOST_TABLE_ROWS)} rows are shown; --format csv prints all`);
    };
    if (statement === undefined) {
      await pipeData(
        formatRows({ names: ['table', 'column', 'is'], rows: listing(known) }, format, onCut),
        terminal.stdout,
      );
      return EXIT.ok;
    }
    if (options.from === undefined) sayRange(range, history);
    const tables = new Tables(MOST_BYTES);
    try {
      fill(tables, { statement, range, known, reader: history.reader });
      const answer = answerOf(tables, statement, known);
      await pipeData(formatRows(answer, format, onCut), terminal.stdout);
      return EXIT.ok;
    } catch (error) {
      throw explained(error, known);
    } finally {
      tables.close();
    }
  });
}

function refuseMany(statement: string): void {
  if (hasSecondStatement(statement)) throw new ConfigError('healthd sql takes one statement, and here are several');
}

function sayRange({ from, to }: TimeRange, { say }: OpenHistory): void {
  const text = (time: number) => new Date(time).toISOString().slice(0, 19);
  say(`From ${text(from)}Z to ${text(to)}Z; --from and --to choose another range`);
}

interface Wanted {
  readonly statement: string;
  readonly range: TimeRange;
  readonly known: readonly KnownSet[];
  readonly reader: HistoryReader;
}

const KINDS = { float: 'float', int: 'integer', bool: 'boolean', string: 'text' } as const;

/** Decodes the measurements that the statement may mean, and no others. */
function fill(tables: Tables, { statement, range, known, reader }: Wanted): void {
  const isMeant = new Map(known.map(({ set: { name } }) => [name, mayMean(statement, name)]));
  for (const { set, fields } of known) {
    if (isMeant.get(set.name) !== true) continue;
    const columns = fields.map(({ name, type }) => ({ name, kind: KINDS[type] }));
    tables.create(set.name, Object.keys(reader.tagsOf(set)), columns);
  }
  tables.fill(reader.samples(({ name }) => isMeant.get(name) === true, range));
}

function answerOf(tables: Tables, text: string, known: readonly KnownSet[]) {
  const statement = tables.prepare(text);
  if (!statement.reader) throw new ConfigError(onlyReads(known));
  const unique = new Names();
  const names = statement.columns().map(({ name }) => unique.unique(name));
  return { names, rows: statement.raw(true).iterate([]) as Iterable<readonly Cell[]> };
}

function onlyReads(known: readonly KnownSet[]): string {
  const table = known[0]?.set.name ?? 'cpu';
  return `healthd sql only reads; write a select, such as: select * from "${table}" limit 10`;
}

/** What is wrong with the statement, and what was probably meant. */
function explained(thrown: unknown, known: readonly KnownSet[]): Error {
  if (thrown instanceof TooManySamplesError)
    return new Error(
      `${thrown.message}: a statement may read ${humanBytes(MOST_BYTES)} of samples; narrow --from and --to, or name fewer measurements`,
    );
  const code = errorCode(thrown) ?? '';
  if (!code.startsWith('SQLITE_')) return toError(thrown);
  if (code.startsWith('SQLITE_READONLY')) return new ConfigError(onlyReads(known));
  const { message } = thrown as Error;
  const [, what, name = ''] = /no such (table|column): (?:.*\.)?(.*)/.exec(message) ?? [];
  const names = known.flatMap(({ set, fields }) =>
    what === 'table' ? [set.name] : [...Object.keys(set.tags), ...fields.map((field) => field.name)],
  );
  const near = what === undefined ? undefined : nearest(name, new Set(names));
  const list = 'run "healthd sql" without a statement for the tables and columns';
  const hint = near === undefined ? list : `did you mean "${near}"?`;
  return new ConfigError(`The statement cannot be run: ${message}; ${hint}`);
}

/** Columns by table, as the newest samples have them. */
function* listing(known: readonly KnownSet[]): Generator<readonly Cell[]> {
  const tables = new Map<string, Map<string, string>>();
  for (const { set, fields } of known) {
    const columns = tables.get(set.name) ?? new Map([[TIME_COLUMN, 'time']]);
    for (const key of ['host', ...Object.keys(set.tags)]) columns.set(key, 'tag');
    for (const { name, type } of fields) if (!columns.has(name)) columns.set(name, type);
    tables.set(set.name, columns);
  }
  for (const [table, columns] of [...tables].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const [column, is] of columns) yield [table, column, is];
}
