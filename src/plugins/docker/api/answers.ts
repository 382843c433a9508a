/**
 * The fields of Docker Engine API answers that this plugin reads. Podman answers the same requests; fields that it omits
 * or sends as null are optional here. Source: the Engine API reference, 1.41.
 *
 * Counters come as JSON numbers and so become doubles: above 2^53 they are rounded (by 1 ns in 9·10^15), too little to
 * show in a rate. The host clamps values beyond int64, such as 2^64 − 1 for "no limit".
 */
export interface EngineInfo {
  readonly Name: string;
  readonly ServerVersion: string;
  readonly OSType?: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly NFd?: number;
  readonly NGoroutines?: number;
  readonly NEventsListener?: number;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersPaused: number;
  readonly ContainersStopped: number;
  readonly Images: number;
  /** Label and human-readable value, e.g. `['Data Space Used', '11.8 MB']`. */
  readonly DriverStatus?: readonly (readonly [string, string])[] | null;
}

export interface ContainerSummary {
  readonly Id: string;
  /** With a leading slash; a link from another container looks like `/other/alias`. */
  readonly Names?: readonly string[] | null;
  readonly Image: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

export interface ContainerState {
  readonly Status: string;
  readonly Running: boolean;
  readonly OOMKilled: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  /** RFC 3339; the year 1 means never. */
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: {
    readonly Status: string;
    readonly FailingStreak: number;
    /** The last checks, oldest first. */
    readonly Log?: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
  } | null;
}

export interface ContainerInspection {
  readonly Id: string;
  readonly RestartCount?: number;
  readonly State: ContainerState;
  readonly Config?: { readonly Env?: readonly string[] | null } | null;
  readonly HostConfig?: { readonly NetworkMode?: string } | null;
}

/** In nanoseconds; on Windows in units of 100 ns. */
export interface CpuStats {
  readonly cpu_usage: {
    readonly total_usage: number;
    readonly usage_in_usermode?: number;
    readonly usage_in_kernelmode?: number;
    /** cgroup v1 only. */
    readonly percpu_usage?: readonly number[] | null;
  };
  /** CPU time of the whole host, including idle. Not on Windows. */
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
  readonly throttling_data?: {
    readonly periods?: number;
    readonly throttled_periods?: number;
    readonly throttled_time?: number;
  };
}

export interface MemoryStats {
  readonly usage?: number;
  readonly max_usage?: number;
  readonly limit?: number;
  readonly failcnt?: number;
  readonly stats?: Readonly<Record<string, number>> | null;
  /** This and the next two on Windows only. */
  readonly commitbytes?: number;
  readonly commitpeakbytes?: number;
  readonly privateworkingset?: number;
}

export interface NetworkStats {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}

export interface BlockEntry {
  readonly major: number;
  readonly minor: number;
  /** Empty in lists that do not distinguish operations. */
  readonly op: string;
  readonly value: number;
}

export interface BlockStats {
  readonly io_service_bytes_recursive?: readonly BlockEntry[] | null;
  readonly io_serviced_recursive?: readonly BlockEntry[] | null;
  readonly io_queue_recursive?: readonly BlockEntry[] | null;
  readonly io_service_time_recursive?: readonly BlockEntry[] | null;
  readonly io_wait_time_recursive?: readonly BlockEntry[] | null;
  readonly io_merged_recursive?: readonly BlockEntry[] | null;
  readonly io_time_recursive?: readonly BlockEntry[] | null;
  readonly sectors_recursive?: readonly BlockEntry[] | null;
}

export interface ContainerStats {
  /** RFC 3339 time of the sample; the year 1 if the container is not running. */
  readonly read: string;
  readonly preread?: string;
  /** Processors of the host on Windows, 0 elsewhere. */
  readonly num_procs?: number;
  readonly cpu_stats: CpuStats;
  readonly precpu_stats?: CpuStats;
  readonly memory_stats: MemoryStats;
  readonly blkio_stats?: BlockStats | null;
  /** Absent with host networking or without any interface. */
  readonly networks?: Readonly<Record<string, NetworkStats>> | null;
}

/** One line of `/events`. */
export interface EngineEvent {
  readonly Type: string;
  /** `die`, `start`, `health_status: healthy`, … */
  readonly Action: string;
  /** Seconds since the Unix epoch. */
  readonly time?: number;
  readonly timeNano?: number;
  readonly Actor: {
    readonly ID: string;
    /** `name`, `image`, `exitCode` and every label. */
    readonly Attributes?: Readonly<Record<string, string>>;
  };
}

export interface SwarmService {
  readonly ID: string;
  readonly Spec: {
    readonly Name: string;
    readonly Mode: {
      readonly Replicated?: { readonly Replicas?: number };
      readonly Global?: object;
      readonly ReplicatedJob?: { readonly MaxConcurrent?: number; readonly TotalCompletions?: number };
      readonly GlobalJob?: object;
    };
  };
}

export interface SwarmTask {
  readonly ServiceID: string;
  readonly DesiredState: string;
  readonly Status: { readonly State: string };
}

export interface DiskUsage {
  readonly LayersSize?: number;
  readonly Containers?: readonly DiskUsageContainer[] | null;
  readonly Images?: readonly DiskUsageImage[] | null;
  readonly Volumes?: readonly DiskUsageVolume[] | null;
}

export interface DiskUsageContainer extends ContainerSummary {
  readonly State: string;
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
}

export interface DiskUsageImage {
  /** With the hash algorithm, e.g. `sha256:…`. */
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Size: number;
  /** −1 if the daemon did not compute it. */
  readonly SharedSize: number;
}

export interface DiskUsageVolume {
  readonly Name: string;
  readonly UsageData?: { readonly Size: number } | null;
}
