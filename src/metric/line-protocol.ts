/**
 * InfluxDB line protocol: `measurement,tag=value field=1.5,count=3i 1700000000000000000`.
 *
 * Three ways through it, by what they cost: `scanLines` finds lines and their series without decoding anything,
 * `parseLines` makes metrics, `LineEncoder` writes them. Rules follow Telegraf's serializer and parser, with the
 * exception that a lone backslash inside a string is accepted, as InfluxDB does.
 */
export { encodeLines, formatLine, LineEncoder } from './line-protocol/encoder.ts';
export { fieldKey, scanLines, type ScannedLine } from './line-protocol/scanner.ts';
export { parseLines, type LineError, type ParsedLines, type ParseOptions } from './line-protocol/parser.ts';
export { SeriesIndex } from './line-protocol/series-index.ts';
