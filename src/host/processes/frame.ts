/** Who used the machine at one moment. */
export interface ProcessUse {
  readonly pid: number;
  readonly name: string;
  readonly user: string;
  /** systemd unit or container. */
  readonly unit: string;
  /** 100 is one core. */
  readonly cpu: number;
  readonly memory: number;
  /** Bytes a second; undefined if the agent may not see it. */
  readonly read: number | undefined;
  readonly written: number | undefined;
}

/** The processes that used most at one moment: the union of the top ten by CPU, memory, bytes read and bytes written; of the top forty if it is shown and not kept. */
export interface ProcessFrame {
  readonly at: number;
  /** All processes of the host. */
  readonly total: number;
  readonly processes: readonly ProcessUse[];
}
