import { oneLine, plainText, valueAndLimit, type AlertView, type Notification } from '../../plugin/index.ts';

/**
 * The text part: the most important facts first, then all details.
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
  const [first] = notification.alerts;
  if (first === undefined || notification.detail === 'minimal') return `${plainText(notification)}\n`;
  return `${headLines(first).join('\n')}\n\n${plainText(notification)}\n`;
}

function headLines(alert: AlertView): readonly string[] {
  const host = alert.context.find(({ kind }) => kind === 'host')?.rows ?? [];
  const value = valueAndLimit(alert);
  return [
    `${alert.status === 'resolved' ? 'Resolved' : 'Alert'}: ${oneLine(alert.summary)}`,
    `Server: ${oneLine(alert.host)}`,
    ...host.map(([name = '', used = '']) => `${oneLine(name)}: ${oneLine(used)}`),
    ...(value === '' ? [] : [`Value: ${value}`]),
  ];
}
