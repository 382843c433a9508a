/** Ends inputs and outputs, and leaves those behind that do not end. */
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

import { settledOrAborted } from './deadline.ts';

export interface Runner {
  readonly entry: { readonly alias: string };
  /** @param late aborts when the runner shall give up what it has not done */
  stop(late: AbortSignal): Promise<void>;
}

/** How much longer a plugin may take to stop after it was told to give up. */
const ABANDON_MS = 500;

/** After `timeout` milliseconds a runner is told to give up, and shortly after that it is left behind. Never throws. */
export async function stopRunners(
  runners: readonly Runner[],
  timeout: number,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<void> {
  await Promise.all(runners.map((runner) => stopOne(runner, timeout, clock, log)));
}

async function stopOne(runner: Runner, timeout: number, clock: Clock, log: Logger): Promise<void> {
  const [late, abandoned] = [new AbortController(), new AbortController()];
  const timers = [
    clock.after(timeout, () => {
      late.abort();
    }),
    clock.after(timeout + ABANDON_MS, () => {
      abandoned.abort();
    }),
  ];
  const stopping = runner.stop(late.signal).catch((error: unknown) => {
    log.error(`Stopping ${runner.entry.alias} failed: ${describeError(error)}`);
  });
  await settledOrAborted(stopping, abandoned.signal);
  for (const cancel of timers) cancel();
  if (abandoned.signal.aborted) log.warn(`${runner.entry.alias} did not stop in time and is left behind`);
}
