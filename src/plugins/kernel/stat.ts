/** The counters of /proc/stat other than CPU times; undefined if the kernel does not print the line. */
export function parseKernelStat(stat: Buffer) {
  const [interrupts] = numbersAfter(stat, 'intr', 1);
  const [switches] = numbersAfter(stat, 'ctxt', 1);
  const [boot] = numbersAfter(stat, 'btime', 1);
  const [forked] = numbersAfter(stat, 'processes', 1);
  const [pagesIn, pagesOut] = numbersAfter(stat, 'page', 2);
  return {
    boot_time: boot,
    context_switches: switches,
    interrupts,
    processes_forked: forked,
    disk_pages_in: pagesIn,
    disk_pages_out: pagesOut,
  };
}

/** Parses a file that holds one integer, such as those of /sys/kernel/mm/ksm. `general_profit` may be negative. */
export function parseInteger(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^-?\d{1,20}$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Longer than two 64-bit numbers with spaces; the rest of a long `intr` line is not read. */
const WINDOW = 48;

/** The first numbers of the line that starts with `key`. */
function numbersAfter(stat: Buffer, key: string, count: number): readonly (number | undefined)[] {
  const start = lineStart(stat, `${key} `);
  if (start === -1) return [];
  const [line = ''] = stat.toString('latin1', start, start + WINDOW).split('\n', 1);
  return line.trim().split(/ +/, count).map(parseCounter);
}

function lineStart(stat: Buffer, key: string): number {
  if (stat.indexOf(key) === 0) return key.length;
  const at = stat.indexOf(`\n${key}`);
  return at === -1 ? -1 : at + 1 + key.length;
}

function parseCounter(text: string): number | undefined {
  const value = parseInteger(text);
  return value !== undefined && value >= 0 ? value : undefined;
}
