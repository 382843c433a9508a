/** Facts about Windows, from the one helper process of the agent. */
export interface WindowsFacts {
  /**
   * Asks for one part, such as `net`; the rows are not checked.
   *
   * @throws Error if there is no answer: the process failed, rests after a failure, or the signal aborted
   */
  ask(part: string, request: object, signal: AbortSignal): Promise<readonly unknown[]>;
}

/** A small text that survives restarts, such as a bookmark. In commands and tests without a state directory it is forgotten. */
export interface KeptText {
  /** @returns undefined if nothing was kept. @throws the system's error if it cannot be read */
  read(): Promise<string | undefined>;
  /** Replaces it as a whole. @throws the system's error if it cannot be written */
  write(text: string): Promise<void>;
}
