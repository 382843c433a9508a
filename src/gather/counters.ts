/** Of one input. Times are nanoseconds. */
export interface GatherCounters {
  metrics_gathered: number;
  gather_time_ns: number;
  gather_timeouts: number;
  gather_errors: number;
  /** Ticks skipped because the gather before had not ended. */
  gather_skipped: number;
}

export function noGathers(): GatherCounters {
  return { metrics_gathered: 0, gather_time_ns: 0, gather_timeouts: 0, gather_errors: 0, gather_skipped: 0 };
}
