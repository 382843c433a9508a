/**
 * An output writes batches of metrics to a destination. The host calls `write` at each `flush_interval`, and earlier when a
 * batch is full, never twice at a time, with a deadline (`timeout`, default 30 s). A batch is acknowledged when the promise
 * resolves; until then it stays in the journal. A batch may be written twice: after a crash, or when an answer was lost.
 *
 * The error decides what happens to the batch (`plugin/errors.ts`):
 *
 * - `PermanentError`: the host halves the batch until it has isolated the refused lines, and moves them to the dead letters
 * - `TooLargeError`: the host halves the batch and writes the halves
 * - `PartialWriteError`: the lines at `refused` go to the dead letters, the others count as written, or are written again if
 *   the destination may not have named all that it refused (`restIsStored: false`)
 * - `RetryableError` and anything else: the host writes the same batch again, with backoff
 *
 * Never throw `TargetError` here: it is a `PermanentError`, and an expired token would cost the lines.
 *
 * ```ts
 * import { defineOutput, PermanentError, RetryableError, z } from 'healthd/plugin';
 *
 * export default defineOutput({
 *   name: 'lines',
 *   summary: 'Posts line protocol to a web service',
 *   config: z.strictObject({ url: z.url().describe('Address of the service') }),
 *   create: ({ url }, { http }) => ({
 *     async write(batch, signal) {
 *       const { status } = await http({ url, body: batch.lines }, signal);
 *       if (status === 400) throw new PermanentError('The service refuses the lines');
 *       if (status >= 300) throw new RetryableError(`The service answered ${status}`);
 *     },
 *   }),
 * });
 * ```
 */
import type { Metric } from '../metric/metric.ts';

import type { Definition } from './definition.ts';
import type { z } from './schema.ts';

export interface OutputPlugin<Schema extends z.ZodType = z.ZodType> extends Definition<Schema, Output> {
  readonly kind: 'output';
  readonly api: 1;
}

export interface Output {
  /**
   * Tries the destination: credentials, database, folder. Called by `healthd check --connect` and before the first write;
   * a failure is retried like one of `write`.
   */
  connect?(signal: AbortSignal): Promise<void>;
  /** Delivers one batch; resolving acknowledges it. */
  write(batch: Batch, signal: AbortSignal): Promise<void>;
  /** The log files were moved away (SIGHUP): open them again. */
  reopen?(): Promise<void>;
  /** Releases what was opened. Called once, after the last write. */
  stop?(): Promise<void> | void;
}

/** What an output writes: encoded once for all outputs, decoded only on demand. */
export interface Batch {
  /** Number of lines, at least 1. */
  readonly size: number;
  /** Line protocol, times in nanoseconds, each line ended by a newline. */
  readonly lines: Uint8Array;
  /**
   * Numbers in the journal that this batch covers: the first, and the one after the last. Lines that a filter has taken out are among
   * them. Absent in a part of a batch after which others follow.
   */
  readonly range?: { readonly from: number; readonly to: number } | undefined;
  /** `lines` as a gzip stream, compressed once for all outputs. */
  gzip(): Promise<Uint8Array>;
  /** The lines, parsed. */
  metrics(): Iterable<Metric>;
}

/** Defines an output; the result is the module's export. */
export function defineOutput<Schema extends z.ZodType>(
  definition: Omit<OutputPlugin<Schema>, 'kind' | 'api'>,
): OutputPlugin<Schema> {
  return { kind: 'output', api: 1, ...definition };
}
