/** Labels of silences. */
import type { ListedAlertInfo } from '../../api/answers.ts';

/** Of a silence that matches an alert and none of another rule, host or series. */
export function matchOf({
  rule,
  host,
  tags,
}: Pick<ListedAlertInfo['alert'], 'rule' | 'host' | 'tags'>): Readonly<Record<string, string>> {
  const labels = { ...tags, rule, ...(host === '' ? {} : { host }) };
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, exactly(value)]));
}

/** Characters with a meaning in patterns; a regular expression escapes them. */
export function exactly(text: string): string {
  return /[*?[\]{}\\]|^[!~]/.test(text) ? `~${text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}` : text;
}
