/** `healthd history export`: samples as they were collected, to the standard output. */
import { systemClock } from '../../core/clock.ts';
import { metricsOf, type HistoryReader } from '../../history/reader.ts';
import { encodeLines } from '../../metric/line-protocol.ts';
import type { Metric } from '../../metric/metric.ts';
import { formatHeader, encodeBatch, type Format } from '../../metric/formats.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { pipeData } from '../pipe.ts';
import type { SpanOptions } from '../time.ts';
import { findSeries } from './find.ts';
import { withHistory } from './open.ts';
import { rangeOf, type TimeRange } from './range.ts';
import { compileSelector, selectionOf, type Selection } from './selector.ts';

export interface ExportOptions extends ConfigOptions, SpanOptions {
  readonly series?: readonly string[];
  readonly format?: 'lp' | 'csv' | 'jsonl';
}

const FORMATS: Readonly<Record<NonNullable<ExportOptions['format']>, Format>> = {
  lp: 'influx',
  csv: 'csv',
  jsonl: 'json',
};

/** Bytes of lines that are written at once. */
const CHUNK_ROWS = 1000;

export function historyExport(options: ExportOptions, terminal: Terminal): Promise<ExitCode> {
  const selectors = (options.series ?? []).map(compileSelector);
  const selection = selectionOf(selectors);
  const range = rangeOf(options, systemClock.now(), Infinity);
  const format = FORMATS[options.format ?? 'lp'];
  return withHistory(options, terminal, async ({ reader }) => {
    // For its error: a name that is not there is a mistake.
    findSeries(reader.sets(), selectors);
    await pipeData(encoded(reader, selection, range, format), terminal.stdout);
    return EXIT.ok;
  });
}

function* encoded(
  reader: HistoryReader,
  selection: Selection,
  range: TimeRange,
  format: Format,
): Generator<Uint8Array> {
  const header = formatHeader(format);
  if (header !== '') yield Buffer.from(header);
  let some: Metric[] = [];
  const take = () => {
    const metrics = some;
    some = [];
    return encodeBatch({ lines: encodeLines(metrics), metrics: () => metrics }, format, '1ns');
  };
  for (const hour of reader.samples(
    (set) => selection.isWanted(set),
    range,
    (...field) => selection.isField(...field),
  )) {
    for (const metric of metricsOf(hour)) {
      some.push(metric);
      if (some.length >= CHUNK_ROWS) yield take();
    }
  }
  if (some.length > 0) yield take();
}
