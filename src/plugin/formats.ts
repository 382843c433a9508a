/** Text forms of metrics for outputs: line protocol, JSON and CSV, and times in them. */
export { ProtobufReader } from '../metric/protobuf-reader.ts';
export { ProtobufWriter, tagOf, varintSize } from '../metric/protobuf-writer.ts';
export {
  CONTENT_TYPES,
  encodeBatch,
  fieldJson,
  FORMATS,
  formatHeader,
  rfc3339,
  TIMESTAMP_UNITS,
  unixTime,
  type Format,
  type TimestampUnits,
} from '../metric/formats.ts';
export {
  formatLine,
  parseLines,
  parseLinesInSteps,
  type LineError,
  type ParsedLines,
  type Precision,
} from '../metric/line-protocol.ts';
