/** A notification that waits to be sent, as it is kept in the store. */
import type { Notification } from '../../plugin/notification.ts';

export interface Entry {
  /** In the order in which notifications were made. */
  readonly key: string;
  readonly notification: Notification;
  /** Since when the receiver has something to be told that it does not know: ms since the Unix epoch. */
  readonly queuedAt: number;
  /** Attempts that were begun. */
  readonly attempts: number;
  /** An attempt was begun whose end is not known, so the receiver may have it. */
  readonly mayHaveArrived: boolean;
  /** The keys of all groups it tells of: one, or many for a digest. */
  readonly groups: readonly string[];
}

export function newEntry(key: string, notification: Notification, now: number): Entry {
  return { key, notification, queuedAt: now, attempts: 0, mayHaveArrived: false, groups: [notification.groupKey] };
}

/** @returns undefined for what cannot have been written by this version */
export function entryFrom(key: string, value: unknown): Entry | undefined {
  const stored = (value ?? {}) as Partial<Entry>;
  const { notification, queuedAt, groups, attempts = 0, mayHaveArrived = false } = stored;
  if (!isNotification(notification) || typeof queuedAt !== 'number' || !isTexts(groups)) return undefined;
  return { key, notification, queuedAt, attempts, mayHaveArrived, groups };
}

function isNotification(value: unknown): value is Notification {
  const { id, receiver, groupKey, alerts, time } = (value ?? {}) as Partial<Record<keyof Notification, unknown>>;
  return isTexts([id, receiver, groupKey]) && Array.isArray(alerts) && alerts.length > 0 && typeof time === 'number';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
