/**
 * The three load averages at the start of /proc/loadavg.
 *
 * @returns undefined if the text does not start with three numbers
 */
export function parseLoadavg(text: string) {
  const [load1, load5, load15] = text.split(' ', 3).map(parseDecimal);
  if (load1 === undefined || load5 === undefined || load15 === undefined) return undefined;
  return { load1, load5, load15 };
}

/** Whole seconds since boot, from /proc/uptime; undefined if the text does not start with a number. */
export function parseUptime(text: string): number | undefined {
  const seconds = parseDecimal(text.split(/\s/, 1)[0] ?? '');
  return seconds === undefined ? undefined : Math.floor(seconds);
}

/** `14 days, 11:07`, `1 day,  3:05`, ` 0:59`: hours are two characters wide, and days are omitted below one. */
export function formatUptime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const time = `${String(hours % 24).padStart(2)}:${String(minutes % 60).padStart(2, '0')}`;
  if (days === 0) return time;
  return `${days} ${days === 1 ? 'day' : 'days'}, ${time}`;
}

function parseDecimal(text: string): number | undefined {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
