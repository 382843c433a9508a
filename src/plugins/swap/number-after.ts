/**
 * The number after `key` at the start of a line: `SwapTotal:` of /proc/meminfo, `pswpin ` of /proc/vmstat. The key includes
 * its separator, so that `pswpin ` does not match `pswpin_zero`.
 *
 * @returns undefined if there is no such line, or no safe integer on it
 */
export function numberAfter(text: string, key: string): number | undefined {
  const at = `\n${text}`.indexOf(`\n${key}`);
  if (at === -1) return undefined;
  const start = at + key.length;
  const digits = /^[ \t]*(\d+)/.exec(text.slice(start, start + 64))?.[1];
  const value = Number(digits ?? Number.NaN);
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
