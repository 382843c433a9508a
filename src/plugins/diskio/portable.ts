/** All disks together, which is all that systeminformation knows. It has bytes per file system where the system counts them. */
export async function readPortable() {
  const { default: si } = await import('systeminformation');
  // Typed as always there, but null where the platform has no such counters (Windows).
  const io = (await si.disksIO()) as Awaited<ReturnType<typeof si.disksIO>> | null;
  if (io === null) {
    throw new Error('This platform has no disk counters that can be read; remove the diskio input');
  }
  return { reads: io.rIO, writes: io.wIO, read_time: io.rWaitTime, write_time: io.wWaitTime };
}
