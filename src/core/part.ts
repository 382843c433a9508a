/**
 * One lifecycle for everything that lives as long as the agent. A part takes a section of the configuration when the agent
 * starts and whenever it is reloaded, on the same path: prepare, then use or discard.
 */
export interface Part<Section> {
  /** For logs. */
  readonly name: string;
  /**
   * Makes what the section needs and the part does not have yet. Touches nothing that runs.
   *
   * @param signal aborts when the agent stops before it has started
   * @throws what is wrong with the section; then nothing made here is left
   */
  prepare(next: Section, signal: AbortSignal): Promise<Prepared>;
  /** Counters and gauges, for the input `internal` and for rules on the agent itself. */
  status(): readonly PartStatus[];
  /** Ends what runs. Never throws. @param signal aborts when the time for that is over */
  stop(signal: AbortSignal): Promise<void>;
}

/** What one `prepare` has made. Exactly one of the two is called, once. */
export interface Prepared {
  /** Puts it to use, and ends what it replaces. Never throws. */
  use(): Promise<void>;
  /** Releases everything that was made. Never throws. */
  discard(): Promise<void>;
}

/** A metric without time. */
export interface PartStatus {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
}

/**
 * Several preparations as one: they are made and used in this order. If one fails, those before it are discarded, the last
 * one first.
 *
 * @throws what the failed one threw
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
