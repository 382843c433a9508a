/** What is known of one group. */
export type SystemFields = Readonly<Record<string, number | string | undefined>>;

/** On Linux all of it is known at once. */
export type Answer<Value> = Value | Promise<Value>;

export function whenKnown<Value, Result>(answer: Answer<Value>, use: (value: Value) => Result): Answer<Result> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}

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
