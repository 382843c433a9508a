import { ConfigError } from '../../core/errors.ts';

/**
 * Parses `host=web1 rule=disk_*`.
 *
 * @throws ConfigError for an argument without `=` and for a duplicate label
 */
export function parseLabels(words: readonly string[]): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const word of words) {
    const end = word.indexOf('=');
    if (end < 1) throw new ConfigError(`"${word}" is not label=value, such as host=web1`);
    const label = word.slice(0, end);
    if (labels.has(label)) throw new ConfigError(`The label "${label}" is given twice`);
    labels.set(label, word.slice(end + 1));
  }
  return Object.fromEntries(labels);
}
