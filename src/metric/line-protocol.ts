/**
 * InfluxDB line protocol: `measurement,tag=value field=1.5,count=3i 1700000000000000000`.
 *
 * `scanLines` locates lines and their series without decoding them, `parseLines` makes metrics, `LineEncoder` writes them. The
 * rules are those of Telegraf's serializer and parser, with three exceptions. A lone backslash inside a string and leading
 * zeros of an integer are accepted, as in InfluxDB. Control characters outside of strings, other than a tab as a blank, and
 * invalid UTF-8 are refused, as in InfluxData's parser (github.com/influxdata/line-protocol, version 2).
 */
export { encodeLines, formatLine, LineEncoder } from './line-protocol/encoder.ts';
export { fieldKey, scanLines, type ScannedLine } from './line-protocol/scanner.ts';
export {
  parseLines,
  parseLinesInSteps,
  type LineError,
  type ParsedLines,
  type ParseOptions,
  type Precision,
} from './line-protocol/parser.ts';
export { SeriesIndex } from './line-protocol/series-index.ts';
