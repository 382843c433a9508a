/** Selects lines by time and measurement; decodes only the series and the time. */
import { compileFilter, type Filter } from '../metric/filter.ts';
import { scanLines, SeriesIndex, type ScannedLine } from '../metric/line-protocol.ts';
import type { LineGroup } from '../journal/inspect.ts';

import type { TimeSpan } from './time.ts';

export interface Selection {
  readonly span: TimeSpan;
  readonly filter: Filter | undefined;
}

/** The selected lines of each group; skips groups without any. */
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

/** Copies adjacent lines in one piece. */
function linesOfSpan(lines: Uint8Array, { from, to }: TimeSpan, index: SeriesIndex<undefined>): LineGroup {
  const pieces: Uint8Array[] = [];
  let size = 0;
  /** Start of the selected lines that are not in `pieces` yet. */
  let runStart: number | undefined;
  let [lastText, isWanted] = ['', false];
  scanLines(lines, index, (line) => {
    const text = timeText(line);
    // Lines of one gather share their time.
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

/** Compiles globs of measurements, such as `cpu,disk*`. Commas within braces do not separate. */
export function namesFilter(globs: string | undefined): Filter | undefined {
  if (globs === undefined) return undefined;
  const names = globs
    .split(/,(?![^{]*\})/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return compileFilter({ only: { names } });
}
