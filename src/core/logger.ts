/** The log of one component, whose name precedes each line. No line per metric; normal operation is silent. */
export interface Logger {
  error(message: string, meta?: Readonly<Record<string, unknown>>): void;
  warn(message: string, meta?: Readonly<Record<string, unknown>>): void;
  info(message: string, meta?: Readonly<Record<string, unknown>>): void;
  debug(message: string, meta?: Readonly<Record<string, unknown>>): void;
}

/** Logs nothing. */
export const silentLog: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/** By decreasing severity. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of the agent's own log. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  /** The component: `agent`, `inputs.cpu`, `outputs.influxdb::central`, … */
  readonly name: string;
  readonly meta: Readonly<Record<string, unknown>>;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
}
