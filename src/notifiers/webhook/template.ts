/** A JSON document of the user with `{{ name }}` in its strings. Values are inserted as text and cannot break the JSON. */
import { formatValue, plainText, titleOf, type Notification } from '../../plugin/index.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const VALUES: Readonly<Record<string, (notification: Notification) => string>> = {
  title: titleOf,
  text: plainText,
  id: ({ id }) => id,
  level: ({ level }) => level,
  status: ({ status }) => status,
  reason: ({ reason }) => reason,
  receiver: ({ receiver }) => receiver,
  time: ({ time }) => new Date(time).toISOString(),
  url: ({ links }) => links[0]?.url ?? '',
  rule: ({ alerts }) => alerts[0]?.rule ?? '',
  host: ({ alerts }) => alerts[0]?.host ?? '',
  summary: ({ alerts }) => alerts[0]?.summary ?? '',
  value: ({ alerts: [first] }) => (first?.value === undefined ? '' : formatValue(first.value, first.unit)),
  count: ({ alerts, truncated }) => String(alerts.length + truncated),
};

export const TEMPLATE_NAMES = Object.keys(VALUES);

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** @returns the first unknown name; undefined if all are known */
export function unknownName(template: Json): string | undefined {
  const names = JSON.stringify(template).matchAll(PLACEHOLDER);
  return [...names].map(([, name = '']) => name).find((name) => !Object.hasOwn(VALUES, name));
}

export function fillIn(template: Json, notification: Notification): Json {
  if (typeof template === 'string') {
    return template.replace(PLACEHOLDER, (_, name: string) => VALUES[name]?.(notification) ?? '');
  }
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) return template.map((item: Json) => fillIn(item, notification));
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillIn(value, notification)]));
}
