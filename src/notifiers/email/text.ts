import { oneLine, plainText, type AlertView, type Notification } from '../../plugin/index.ts';

/**
 * The text part: the most important facts first, then all details. Of a group these are its lines.
 *
 * ```
 * Alert: High CPU usage on server01
 * Server: server01
 * CPU Usage: 92 %
 * Memory Usage: 78 %
 * Disk Usage: 65 % (/)
 * ```
 */
export function textPart(notification: Notification): string {
  const [only, another] = notification.alerts;
  const isOne = only !== undefined && another === undefined && notification.truncated === 0;
  if (!isOne || notification.detail === 'minimal') return `${plainText(notification)}\n`;
  return `${headLines(only).join('\n')}\n\n${plainText(notification)}\n`;
}

function headLines(alert: AlertView): readonly string[] {
  // Of the moment when it fired.
  const isFiring = alert.status === 'firing';
  const host = isFiring ? (alert.context.find(({ kind }) => kind === 'host')?.rows ?? []) : [];
  return [
    `${isFiring ? 'Alert' : 'Resolved'}: ${oneLine(alert.summary)}`,
    `Server: ${oneLine(alert.host)}`,
    ...host.map(([name = '', used = '']) => `${oneLine(name)}: ${oneLine(used)}`),
  ];
}
