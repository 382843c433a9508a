/** Flat keyed files of the kernel (memory.stat, cpu.stat): one `key value` pair on each line. */
export function parseFlatKeyed(text: string): Readonly<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) values[line.slice(0, space)] = Number(line.slice(space + 1));
  }
  return values;
}
