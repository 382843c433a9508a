/** Of one output. Times are nanoseconds, sizes lines. */
export interface WriteCounters {
  metrics_added: number;
  metrics_written: number;
  /** Given up because the buffer was full. */
  metrics_dropped: number;
  /** Refused by the destination for good. */
  metrics_rejected: number;
  metrics_filtered: number;
  buffer_size: number;
  buffer_bytes: number;
  /** Bytes. */
  buffer_limit: number;
  write_time_ns: number;
  write_errors: number;
}

export function noWrites(): WriteCounters {
  return {
    metrics_added: 0,
    metrics_written: 0,
    metrics_dropped: 0,
    metrics_rejected: 0,
    metrics_filtered: 0,
    buffer_size: 0,
    buffer_bytes: 0,
    buffer_limit: 0,
    write_time_ns: 0,
    write_errors: 0,
  };
}
