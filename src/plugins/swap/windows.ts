import type { WindowsFacts } from '../../plugin/index.ts';

import { DEFAULT_PAGE_SIZE } from './auxv.ts';
import { swapTotals } from './swap.ts';

const MIB = 1024 * 1024;

type Row = Readonly<Record<string, unknown>>;

/**
 * The page files, in MB as Windows counts them, and the pages that were read and written. The page size is 4096 bytes on x64 and ARM64.
 *
 * @throws Error if the reader does not answer, or not with numbers
 */
export async function readWindows(windows: WindowsFacts, signal: AbortSignal) {
  const files = (await windows.ask('pagefiles', {}, signal)) as readonly Row[];
  const [memory] = (await windows.ask('memory', {}, signal)) as readonly Row[];
  const sum = (name: string) => files.reduce((total, file) => total + numberOf(file, name), 0) * MIB;
  const total = sum('AllocatedBaseSize');
  return {
    ...swapTotals(total, total - sum('CurrentUsage')),
    in: numberOf(memory, 'PagesInputPersec') * DEFAULT_PAGE_SIZE,
    out: numberOf(memory, 'PagesOutputPersec') * DEFAULT_PAGE_SIZE,
  };
}

function numberOf(row: Row | undefined, name: string): number {
  const value = row?.[name];
  if (typeof value !== 'number') throw new Error(`Windows gave no number for ${name}`);
  return value;
}
