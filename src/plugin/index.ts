/**
 * The public plugin API (`healthd/plugin`). A plugin is data plus one function: its name, its options, what it reports, and
 * how an instance is made. The host owns everything that repeats: schedule, deadline, tags, filters, batching, buffering and
 * retry. The built-in plugins use this module and nothing else of healthd.
 */
import type { InputPlugin } from './input.ts';
import type { NotifierPlugin } from './notifier.ts';
import type { OutputPlugin } from './output.ts';
import type { ProcessorPlugin } from './processor.ts';

export type Plugin = InputPlugin | ProcessorPlugin | OutputPlugin | NotifierPlugin;

// The four kinds of plugins; each file begins with a description and an example.
export { defineInput, type Accumulator, type Input, type InputPlugin, type StreamInput } from './input.ts';
export { defineProcessor, type Processor, type ProcessorPlugin } from './processor.ts';
export { defineOutput, type Batch, type Output, type OutputPlugin } from './output.ts';
export { defineNotifier, type Notifier, type NotifierPlugin } from './notifier.ts';
export type { Definition } from './definition.ts';

// Options
export { z } from './schema.ts';
export {
  bytes,
  duration,
  globs,
  headers,
  headerText,
  asksWindows,
  isPortable,
  listen,
  provider,
  proxy,
  serverTls,
  tls,
  type TlsOptions,
} from './options.ts';
export { compileGlobs } from '../core/globs.ts';
export { inTurns, oneAtATime } from '../core/turns.ts';

// What the host provides
export type * from './context.ts';
export type * from './listener.ts';
export type * from './network.ts';
export type * from './program.ts';
export type { FleetEvents, FleetMetric } from './fleet.ts';
export type { HubLink, HubLinkOptions, OpenHubLink } from './hub-link.ts';
export type { Storage } from './storage.ts';
export type { KeptText, WindowsFacts } from './windows.ts';
export { cutBack } from '../core/cut-back.ts';
export { retryRename } from '../core/retry-rename.ts';
export { LOG_LEVELS, type LogEntry, type Logger, type LogLevel } from '../core/logger.ts';
export { optionalPackage } from './optional-package.ts';

// Time: a metric carries nanoseconds, everything else counts milliseconds
export { milliseconds, nanoseconds, type Clock } from '../core/clock.ts';

// Metrics and their text forms
export type { Fields, FieldValue, Metric, Tags } from '../metric/metric.ts';
export type * from '../metric/catalog.ts';
export * from './formats.ts';

// Errors
export {
  PartialNotifyError,
  PartialWriteError,
  PermanentError,
  RetryableError,
  TargetError,
  TooLargeError,
} from './errors.ts';
export { isGenericError, isWebPage, refusal, retryAfter } from './http-status.ts';
export { describeError, errorCode } from '../core/errors.ts';
export { jsonOf } from '../core/json.ts';
export { networkReason } from '../core/network-error.ts';
export { redactor } from '../core/redact.ts';

// Alerts: what a notifier delivers, and how it is put into words
export { ALERT_LEVELS } from './notification.ts';
export type * from './notification.ts';
export { formatValue, humanDuration, oneLine, truncate, truncateBytes } from './message-text.ts';
export { messageOf, moreText, type AlertDetails, type AlertLine, type Fact, type Message } from './message/message.ts';
export { lineText, plainText, tableText } from './message/plain-text.ts';
export type { Tone } from './message/state.ts';
export { timeText } from './message/time.ts';
export { leadOf, titleOf } from './message/title.ts';
export { scaleOf, sparkline, trendText } from './message/trend.ts';
export { valueText } from './message/value.ts';

// The agent's own events, for the inputs that report them
export { eventTimes } from './agent-events.ts';
export type * from './agent-events.ts';
export type { AuditEntry } from './audit-entry.ts';
export { printable, printableJson } from '../core/printable.ts';
