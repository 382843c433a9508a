/** What the input knows of the object of an alert, such as the last lines of a container's log. */
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import { rejectionOf } from '../../host/deadline.ts';
import type { Tags } from '../../metric/metric.ts';
import { oneLine, truncate } from '../../plugin/message-text.ts';
import type { ContextTable } from '../../plugin/notification.ts';

import { NOT_IN_TIME, type Captured } from './capture.ts';

export type Explain = (measurement: string, tags: Tags, signal: AbortSignal) => Promise<readonly ContextTable[]>;

/** Plugins may be anybody's, so what they say is bounded. */
const MAX_TABLES = 4;
const MAX_ROWS = 20;
const MAX_CELL = 300;
const MAX_NOTE = 200;

/** Never rejects: what is missing says why. */
export async function sourceTables(
  explain: Explain,
  { measurement, tags }: Captured,
  clock: Clock,
  deadlineMs: number,
): Promise<readonly ContextTable[]> {
  const signal = clock.signal(deadlineMs);
  try {
    const tables = await Promise.race([explain(measurement, tags, signal), rejectionOf(signal)]);
    return tables.slice(0, MAX_TABLES).map(bounded);
  } catch (error) {
    const note = signal.aborted ? NOT_IN_TIME : truncate(oneLine(describeError(error)), MAX_NOTE);
    return [{ kind: 'source', title: 'Details', columns: [], rows: [], note }];
  }
}

function bounded({ title, columns, rows, note }: ContextTable): ContextTable {
  const cells = (row: readonly string[]) => row.map((cell) => truncate(oneLine(cell), MAX_CELL));
  return {
    kind: 'source',
    title: truncate(oneLine(title), MAX_CELL),
    columns: cells(columns),
    rows: rows.slice(0, MAX_ROWS).map(cells),
    ...(note === undefined ? {} : { note: truncate(oneLine(note), MAX_NOTE) }),
  };
}
