/** Picks lines out of groups of them, without decoding more than the series and the time. */
import { compileFilter, type Filter } from '../metric/filter.ts';
import { scanLines, SeriesIndex, type ScannedLine } from '../metric/line-protocol.ts';
import type { LineGroup } from '../journal/inspect.ts';

import type { TimeSpan } from './time.ts';

export interface Selection {
  readonly span: TimeSpan;
  readonly filter: Filter | undefined;
}

/** What is left of each group; groups of which nothing is left are passed over. */
export async function* selectLines(groups: AsyncIterable<LineGroup>, selection: Selection): AsyncGenerator<LineGroup> {
  const select = selector(selection);
  for await (const group of groups) {
    const selected = select(group);
    if (selected.size > 0) yield selected;
  }
}

function selector({ span, filter }: Selection): (group: LineGroup) => LineGroup {
  const isOpen = span.from === undefined && span.to === undefined;
  const index = new SeriesIndex(() => undefined);
  return (group) => {
    const passed = filter === undefined ? group : filter.applyToLines(group.lines);
    return isOpen || passed.size === 0 ? passed : linesOfSpan(passed.lines, span, index);
  };
}

/** Lines are copied as they are, neighbours in one piece. */
function linesOfSpan(lines: Uint8Array, { from, to }: TimeSpan, index: SeriesIndex<undefined>): LineGroup {
  const pieces: Uint8Array[] = [];
  let size = 0;
  /** Where the lines begin that are wanted but not yet in `pieces`. */
  let runStart: number | undefined;
  let [lastText, isWanted] = ['', false];
  scanLines(lines, index, (line) => {
    const text = timeText(line);
    // Lines that were gathered together share their time.
    if (text !== lastText) {
      const time = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
      isWanted = time !== undefined && time >= (from ?? time) && (to === undefined || time < to);
      lastText = text;
    }
    if (isWanted) {
      size += 1;
      runStart ??= line.start;
    } else if (runStart !== undefined) {
      pieces.push(lines.subarray(runStart, line.start));
      runStart = undefined;
    }
  });
  if (runStart === 0) return { lines, size };
  if (runStart !== undefined) pieces.push(lines.subarray(runStart));
  return { lines: Buffer.concat(pieces), size };
}

/** Empty if the line has no time. */
function timeText({ lines, fieldsEnd, end }: ScannedLine<unknown>): string {
  return lines.toString('latin1', fieldsEnd, end).trim();
}

/** The filter that globs of measurements make: `cpu,disk*`. Commas within braces do not separate. */
export function namesFilter(globs: string | undefined): Filter | undefined {
  if (globs === undefined) return undefined;
  const names = globs
    .split(/,(?![^{]*\})/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return compileFilter({ only: { names } });
}
