/** The five fields that every platform has, and others that systeminformation provides. */
export async function readPortable() {
  const { default: si } = await import('systeminformation');
  const { total, available, free, buffers, cached, slab, swaptotal, swapfree } = await si.mem();
  return {
    total,
    available,
    used: total - available,
    used_percent: total === 0 ? 0 : (100 * (total - available)) / total,
    available_percent: total === 0 ? 0 : (100 * available) / total,
    free,
    buffered: buffers,
    cached,
    slab,
    swap_total: swaptotal,
    swap_free: swapfree,
  };
}
