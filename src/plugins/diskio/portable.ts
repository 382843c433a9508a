/** All disks together: systeminformation has no counters per disk. */
export async function readPortable() {
  const { default: si } = await import('systeminformation');
  // Null on platforms without these counters (Windows), contrary to its type.
  const io = (await si.disksIO()) as Awaited<ReturnType<typeof si.disksIO>> | null;
  if (io === null) {
    throw new Error('This platform has no readable disk counters; remove the input diskio');
  }
  return { reads: io.rIO, writes: io.wIO, read_time: io.rWaitTime, write_time: io.wWaitTime };
}
