/** What is nearly used up now, and file systems that the kernel made read-only. */
import type { Finding } from '../../api/host.ts';
import type { FieldValue, Metric } from '../../metric/metric.ts';
import { formatValue } from '../../plugin/message-text.ts';
import { evidence, named } from '../check.ts';

/** Percent. */
const INODES = { warning: 90, critical: 98 };
const SWAP_WARNING = 90;

/** @param disks newest samples of `disk` */
export function inodesNearlyFull(disks: readonly Metric[]): readonly Finding[] {
  return disks.flatMap(({ tags, fields }): readonly Finding[] => {
    const used = numberOf(fields['inodes_used_percent']);
    const path = tags['path'];
    if (path === undefined || used === undefined || used < INODES.warning || fields['read_only'] === true) return [];
    const free = numberOf(fields['inodes_free']);
    return [
      {
        id: `inodes:${path}`,
        level: used >= INODES.critical ? 'critical' : 'warning',
        sentence: [named(path), ` has few inodes left: ${formatValue(used, 'percent')} are used.`],
        evidence: evidence(free === undefined ? undefined : `${free.toLocaleString('en-US')} are free`, tags['device']),
        since: null,
      },
    ];
  });
}

/** Mounted to be written, but the file system itself is read-only: the kernel does so after an error. */
export function turnedReadOnly(disks: readonly Metric[]): readonly Finding[] {
  return disks.flatMap(({ tags, fields }): readonly Finding[] => {
    const path = tags['path'];
    if (path === undefined || fields['read_only'] !== true || tags['mode'] !== 'rw') return [];
    return [
      {
        id: `read-only:${path}`,
        level: 'critical',
        sentence: [named(path), ' has become read-only.'],
        evidence: evidence(tags['device'], tags['fstype'], 'mounted to be written'),
        since: null,
      },
    ];
  });
}

/** @param swaps newest samples of `swap` */
export function swapNearlyFull(swaps: readonly Metric[]): readonly Finding[] {
  return swaps.flatMap(({ fields }): readonly Finding[] => {
    const [used, total] = [numberOf(fields['used_percent']), numberOf(fields['total'])];
    if (used === undefined || used < SWAP_WARNING || total === undefined || total === 0) return [];
    const text = `${formatValue(used, 'percent')} of ${formatValue(total, 'bytes')}`;
    return [
      {
        id: 'swap',
        level: 'warning',
        sentence: [`Swap is nearly full: ${text}.`],
        evidence: '',
        since: null,
        sort: 'memory',
      },
    ];
  });
}

export function numberOf(value: FieldValue | undefined): number | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}
