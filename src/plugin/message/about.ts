/** Which alert it is: the summary that its rule gives it, and the tags that tell it apart from others of the rule. */
import { oneLine, truncate } from '../message-text.ts';
import type { AlertView } from '../notification.ts';

/** Longer values of tags are cut: they must not push the value of the alert off the screen. */
const MAX_TAG = 40;

/** One line, with long tags cut. */
export function summaryOf({ summary, tags, host }: AlertView): string {
  const long = [...new Set([host, ...Object.values(tags)])].filter((value) => value.length > MAX_TAG);
  const cut = long
    .sort((a, b) => b.length - a.length)
    .reduce((text, value) => text.replaceAll(value, () => truncate(value, MAX_TAG)), summary);
  return oneLine(cut);
}

/** `web1 /var`: host and the values of the other tags, cut; the rule if there are none. */
export function namesOf({ rule, host, tags }: AlertView): string {
  const others = Object.entries(tags).filter(([key]) => key !== 'host');
  const names = [host, ...others.map(([, value]) => value)].map((name) => truncate(oneLine(name), MAX_TAG));
  return names.filter(Boolean).join(' ') || rule;
}
