/** The facts of an inventory as rows for people. What is not known has none. */
import type { InventoryReport } from '../api/inventory-report.ts';
import { formatValue } from '../plugin/message-text.ts';

export function inventoryRows(report: InventoryReport): readonly (readonly [label: string, value: string])[] {
  const { isRebootPending: isPending } = report;
  const labels = Object.entries(report.tags).map(([key, value]) => `${key}=${value}`);
  const rows: readonly (readonly [string, string])[] = [
    ['Operating system', report.os],
    ['Kernel', report.kernel],
    ['Architecture', report.arch],
    ['Processors', String(report.cores)],
    // Rounded: a kernel takes some megabytes more or less than the one before.
    ['Memory', formatValue(report.memoryBytes, 'bytes')],
    ['Virtualisation', report.virtualisation],
    ['Reboot pending', isPending === null ? '' : isPending ? 'yes' : 'no'],
    ['Time zone', report.timeZone],
    ['Addresses', [...report.addresses].sort().join(', ')],
    ['Labels', labels.sort().join(' ')],
    ['healthd', report.version],
  ];
  return rows.filter(([, value]) => value !== '');
}
