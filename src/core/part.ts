/**
 * One lifecycle for everything that lives as long as the agent. A part takes a section of the configuration when the agent
 * starts and whenever it is reloaded, on the same path: prepare, then use or discard.
 */
export interface Part<Section> {
  /** For logs. */
  readonly name: string;
  /**
   * Makes what the section needs and the part does not have yet. Does not touch anything that runs.
   *
   * @param signal aborts when the agent is stopped during its start
   * @throws what is wrong with the section; everything made for it has then been released
   */
  prepare(next: Section, signal: AbortSignal): Promise<Prepared>;
  /** Counters and gauges, for the input `internal` and for rules on the agent itself. */
  status(): readonly PartStatus[];
  /**
   * Stops what an external plugin's module runs in this part, until the next reload. Absent in parts without plugins.
   *
   * @param file absolute path of the module
   * @returns the aliases of what was stopped
   */
  stopModule?(file: string): Promise<readonly string[]>;
  /** Stops everything. Never throws. @param signal aborts at the deadline */
  stop(signal: AbortSignal): Promise<void>;
}

/** The result of one `prepare`. Exactly one of the two methods is called, once. */
export interface Prepared {
  /** Switches to the new section and stops what it replaces. Never throws. */
  use(): Promise<void>;
  /** Releases everything that was made. Never throws. */
  discard(): Promise<void>;
}

/** A metric without a time. */
export interface PartStatus {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
}

/**
 * Combines several preparations, which are prepared and used in this order. If one fails, those before it are discarded in
 * reverse order.
 *
 * @throws the error of the one that failed
 */
export async function prepareAll(preparations: readonly (() => Promise<Prepared>)[]): Promise<Prepared> {
  const prepared: Prepared[] = [];
  const discard = async () => {
    for (const each of prepared.toReversed()) await each.discard();
  };
  try {
    for (const prepare of preparations) prepared.push(await prepare());
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    use: async () => {
      for (const each of prepared) await each.use();
    },
    discard,
  };
}
