/** Units of systemd that fail, by `systemctl`. */
import type { RunProgram } from '../../../plugin/index.ts';
import type { HistoryEvent } from '../../access.ts';

const MAX_OUTPUT = 256 * 1024;
const MOST = 200;

const LIST = ['systemctl', 'list-units', '--state=failed', '--plain', '--no-legend', '--no-pager', '--full'] as const;

export class FailedUnits {
  #failed: ReadonlyMap<string, HistoryEvent> | undefined;

  /** What has changed since the reading before; units that had failed before the first one are known. */
  update(names: readonly string[], at: number): readonly HistoryEvent[] {
    const before = this.#failed;
    const after = new Map<string, HistoryEvent>();
    const events: HistoryEvent[] = [];
    for (const name of names.slice(0, MOST)) {
      const event = before?.get(name) ?? { at, kind: 'unit', level: 'warning', title: `${name} failed` };
      after.set(name, event);
      if (before !== undefined && !before.has(name)) events.push(event);
    }
    for (const [name, event] of before ?? []) if (!after.has(name)) events.push({ ...event, until: at });
    this.#failed = after;
    return events;
  }
}

/** @throws if systemctl cannot be run or does not reach systemd */
export async function listFailedUnits(run: RunProgram, signal: AbortSignal): Promise<readonly string[]> {
  const { failure, stdout, stderr } = await run(LIST, { maxOutput: MAX_OUTPUT, environment: { LC_ALL: 'C' } }, signal);
  if (failure !== undefined) throw new Error(`systemctl ${failure}: ${stderr.toString('utf8').trim()}`);
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((line) => /^(?:● )?(\S+\.\w+)\s/.exec(line)?.[1] ?? []);
}
