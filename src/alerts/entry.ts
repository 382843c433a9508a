import { durationOf, timeout, type PluginEntry } from '../host/entry.ts';
import { ALERT_LEVELS, z, type AlertLevel, type NotifierPlugin } from '../plugin/index.ts';

import type { Receiver } from './notify/receiver.ts';

/** `alias` is its key under `notifiers`. */
export interface NotifierEntry extends PluginEntry<NotifierPlugin> {
  /** Alerts that never reach this level are not sent to this notifier. Default info. */
  readonly min_level: AlertLevel;
  /** Default true. */
  readonly send_resolved: boolean;
  /** Deadline of one attempt. Default 10 s. */
  readonly timeout: number;
  /** Maximum messages per second. Undefined: the notifier's own limit. */
  readonly rate: number | undefined;
  /** Without effect: a message is made when it is sent, so none can be out of date. */
  readonly ttl?: number | undefined;
}

/** Equal for two entries whose notifications arrive at the same place. */
export function addressOf({ plugin, options }: NotifierEntry): Receiver['address'] {
  const target = plugin.target === undefined ? options : plugin.target(options);
  return { kind: plugin.name, target: JSON.stringify(target) };
}

/** Names of notifiers whose notifications arrive at the same place, the first of the configuration first. */
export function sharedAddresses(entries: readonly NotifierEntry[]): readonly (readonly string[])[] {
  const names = new Map<string, string[]>();
  for (const entry of entries) {
    const address = JSON.stringify(addressOf(entry));
    names.set(address, [...(names.get(address) ?? []), entry.alias]);
  }
  return [...names.values()].filter(({ length }) => length > 1);
}

export const notifierEntrySchema = z.strictObject({
  min_level: z.enum(ALERT_LEVELS).default('info').describe('Alerts that never reach this level are not sent here'),
  send_resolved: z.boolean().default(true).describe('Also notifies when an alert is resolved'),
  timeout: timeout().prefault('10s').describe('Deadline of one attempt'),
  rate: z.number().positive().optional().describe('Maximum messages per second; default: the limit of the service'),
  ttl: durationOf(60_000, 'must be 1m or longer')
    .optional()
    .describe('Obsolete and without effect: a message is made when it is sent, so none can be out of date'),
});
