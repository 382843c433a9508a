/** Flat keyed files of the kernel (memory.stat, cpu.stat): a name and a number on each line. */
export function parseKeyed(text: string): Readonly<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) values[line.slice(0, space)] = Number(line.slice(space + 1));
  }
  return values;
}
