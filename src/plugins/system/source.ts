/** What is known of one group. */
export type SystemFields = Readonly<Record<string, number | string | undefined>>;

type Answer<Value> = Value | Promise<Value>;

/** Where each group of fields comes from: the kernel's files, or a package for other platforms. */
export interface SystemSource {
  load(): Answer<SystemFields>;
  cpus(): Answer<SystemFields>;
  /** Nothing where it cannot be told who is logged in. */
  users(): Answer<SystemFields>;
  /** Seconds since boot. */
  uptime(): Answer<number>;
  os(): Answer<SystemFields>;
  dmi(): Answer<SystemFields>;
}
