/** Why there is nothing to see: the host was down, or the agent did not run. */
import { humanDuration } from '../../../plugin/message-text.ts';
import type { HistoryEvent } from '../../access.ts';

export interface Alive {
  /** ms since the Unix epoch. */
  readonly at: number;
  /** Different after each boot of the host; 0 if it is not known. */
  readonly boot: number;
}

/** The last sign of life is up to a minute older than the end. ms */
const LEAST_MS = 90_000;

/**
 * @param last sign of life
 * @param bootedAt of the host, ms since the Unix epoch; undefined if it is not known
 */
export function absence(last: Alive, now: Alive, bootedAt: number | undefined): readonly HistoryEvent[] {
  if (now.at < last.at) return []; // the clock was set back
  const isReboot = last.boot !== 0 && now.boot !== 0 && last.boot !== now.boot;
  const up = isReboot && bootedAt !== undefined ? Math.min(Math.max(bootedAt, last.at), now.at) : last.at;
  const events: HistoryEvent[] = [];
  if (isReboot) {
    const title = `The host was started again, after ${humanDuration(up - last.at)}`;
    events.push({ at: last.at, until: up, kind: 'boot', level: 'warning', title });
  }
  if (now.at - up >= LEAST_MS) {
    const title = `healthd did not run for ${humanDuration(now.at - up)}`;
    events.push({ at: up, until: now.at, kind: 'gap', level: 'info', title });
  }
  return events;
}

/** @param bootId of /proc/sys/kernel/random/boot_id */
export function bootNumber(bootId: string): number {
  return Number.parseInt(bootId.replaceAll('-', '').slice(0, 12), 16) || 0;
}

/** `btime` of /proc/stat. */
export function bootTime(stat: string): number | undefined {
  const [, seconds] = /^btime (\d+)$/m.exec(stat) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
