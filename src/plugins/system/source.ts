/** The fields of one group. */
export type SystemFields = Readonly<Record<string, number | string | undefined>>;

/** Synchronous on Linux. */
export type Answer<Value> = Value | Promise<Value>;

export function whenKnown<Value, Result>(answer: Answer<Value>, use: (value: Value) => Result): Answer<Result> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}

/** The source of each group of fields: the kernel's files, or a package on other platforms. */
export interface SystemSource {
  load(): Answer<SystemFields>;
  cpus(): Answer<SystemFields>;
  /** Empty if logins are not known. */
  users(): Answer<SystemFields>;
  /** Seconds since boot. */
  uptime(): Answer<number>;
  os(): Answer<SystemFields>;
  dmi(): Answer<SystemFields>;
}
