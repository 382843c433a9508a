import { swapTotals } from './swap.ts';

/** Totals only: systeminformation does not know what went in and out. */
export async function readPortable() {
  const { default: si } = await import('systeminformation');
  const { swaptotal, swapfree } = await si.mem();
  return swapTotals(swaptotal, swapfree);
}
