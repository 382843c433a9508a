import { freemem, totalmem } from 'node:os';

import type { Accumulator, WindowsFacts } from '../../plugin/index.ts';

import type { metrics } from './metrics.ts';

/** Node knows the physical memory without a process. The commit charge needs one, so it is asked for only if it is wanted. */
export async function readWindows(
  acc: Accumulator<typeof metrics>,
  windows: WindowsFacts | undefined,
  signal: AbortSignal,
): Promise<void> {
  const [total, available] = [totalmem(), freemem()];
  const used = total - available;
  const base = {
    total,
    available,
    used,
    used_percent: (100 * used) / total,
    available_percent: (100 * available) / total,
  };
  if (windows === undefined) {
    acc.add('mem', base);
    return;
  }
  try {
    acc.add('mem', { ...base, ...commitCharge(await windows.ask('memory', {}, signal), total, available) });
  } catch (error) {
    acc.add('mem', base);
    acc.error(error);
  }
}

/** @throws Error if the answer has not the counters */
function commitCharge([row]: readonly unknown[], total: number, available: number) {
  const { CommitLimit: limit, CommittedBytes: committed } = (row ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof limit !== 'number' || typeof committed !== 'number') {
    throw new Error('Windows has no counters of the memory; rebuild them with: lodctr /R');
  }
  return {
    commit_limit: limit,
    commit_total: committed,
    phys_total: total,
    phys_avail: available,
    page_file_total: limit,
    page_file_avail: Math.max(0, limit - committed),
  };
}
