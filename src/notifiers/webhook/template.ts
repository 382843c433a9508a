/** A JSON document of the user with `{{ name }}` in its strings. Values are inserted as text and cannot break the JSON. */
import { leadOf, plainText, titleOf, valueText, type AlertView, type Notification } from '../../plugin/index.ts';

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
  url: ({ alerts, links }) => leadOf(alerts)?.url ?? links[0]?.url ?? '',
  rule: ({ alerts }) => leadOf(alerts)?.rule ?? '',
  host: ({ alerts }) => leadOf(alerts)?.host ?? '',
  summary: ({ alerts }) => leadOf(alerts)?.summary ?? '',
  value: ({ alerts }) => valueOf(leadOf(alerts)),
  alert_id: ({ alerts }) => leadOf(alerts)?.fingerprint ?? '',
  count: ({ alerts, truncated }) => String(alerts.length + truncated),
};

function valueOf(alert: AlertView | undefined): string {
  return alert === undefined ? '' : (valueText(alert, alert.value) ?? '');
}

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
