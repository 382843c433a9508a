/** The host at one moment, as boxes show it. Made from points of the default inputs; what is not there is left out. */

export interface CpuUse {
  /** Percent of all cores. */
  readonly busy: number;
  readonly user: number;
  readonly system: number;
  readonly iowait: number;
  readonly steal: number;
}

export interface MemoryUse {
  /** Bytes. */
  readonly total: number;
  readonly used: number;
  readonly cached: number;
  readonly free: number;
}

export interface SwapUse {
  readonly total: number;
  readonly used: number;
}

export interface FileSystem {
  readonly path: string;
  readonly total: number;
  readonly free: number;
  /** Percent. */
  readonly used: number;
  /** Percent; 0 if there is no limit. */
  readonly inodes: number;
}

export interface Device {
  readonly name: string;
  /** Bytes a second; NaN until two samples are there. */
  readonly read: number;
  readonly written: number;
  /** Percent of the time that it was busy. */
  readonly busy: number;
}

export interface Interface {
  readonly name: string;
  /** Bytes a second; NaN until two samples are there. */
  readonly received: number;
  readonly sent: number;
  /** Packets with an error, or dropped, a second. */
  readonly lost: number;
}

export interface Temperature {
  readonly sensor: string;
  readonly celsius: number;
}

export interface Container {
  readonly name: string;
  /** 100 is one core. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes a second. */
  readonly received: number;
  readonly sent: number;
}

/** Percent of the last 10 s in which tasks waited. */
export interface Pressure {
  readonly cpu: number;
  readonly memory: number;
  readonly io: number;
}

export interface HostView {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly cpu: CpuUse | undefined;
  /** Busy percent of each, in their order. */
  readonly cores: readonly number[];
  readonly memory: MemoryUse | undefined;
  readonly swap: SwapUse | undefined;
  /** 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number] | undefined;
  /** Seconds since boot. */
  readonly uptime: number | undefined;
  readonly pressure: Pressure | undefined;
  /** The fullest first. */
  readonly fileSystems: readonly FileSystem[];
  /** Whole disks, the one with the most traffic since boot first. */
  readonly devices: readonly Device[];
  /** The one with the most traffic since boot first; loopback last. */
  readonly interfaces: readonly Interface[];
  /** The hottest first. */
  readonly temperatures: readonly Temperature[];
  /** The busiest first. */
  readonly containers: readonly Container[];
}
