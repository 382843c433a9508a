/**
 * InfluxDB line protocol: `measurement,tag=value field=1.5,count=3i 1700000000000000000`.
 *
 * `scanLines` locates lines and their series without decoding them, `parseLines` makes metrics, `LineEncoder` writes them. The
 * rules are those of Telegraf's serializer and parser, except that a lone backslash inside a string is accepted, as in
 * InfluxDB.
 */
export { encodeLines, formatLine, LineEncoder } from './line-protocol/encoder.ts';
export { fieldKey, scanLines, type ScannedLine } from './line-protocol/scanner.ts';
export {
  parseLines,
  parseLinesInSteps,
  type LineError,
  type ParsedLines,
  type ParseOptions,
} from './line-protocol/parser.ts';
export { SeriesIndex } from './line-protocol/series-index.ts';
