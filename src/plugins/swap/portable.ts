import { swapTotals } from './swap.ts';

/** Totals only: systeminformation has no swap traffic. */
export async function readPortable() {
  const { default: si } = await import('systeminformation');
  const { swaptotal, swapfree } = await si.mem();
  return swapTotals(swaptotal, swapfree);
}
