/** Containers that end by themselves, by what the input docker reports. */
import { milliseconds } from '../../../core/clock.ts';
import type { Metric } from '../../../metric/metric.ts';
import type { HistoryEvent } from '../../access.ts';

/** At the limit the failures that are remembered are forgotten. */
const MOST = 1000;

export class DeadContainers {
  /** By name, those that have failed and do not run. */
  readonly #failed = new Map<string, HistoryEvent>();

  /** A failure, or its end. */
  observe({ name, tags, fields, time }: Metric): HistoryEvent | undefined {
    const container = tags['container_name'];
    if (name !== 'docker_container_status' || container === undefined) return undefined;
    const known = this.#failed.get(container);
    if (fields['failed'] === true) {
      if (known !== undefined) return undefined;
      const { exitcode, oomkilled, finished_at: finished } = fields;
      const cause = oomkilled === true ? 'was killed for lack of memory' : `exited with code ${String(exitcode)}`;
      const at = milliseconds(typeof finished === 'bigint' ? finished : time);
      const event = { at, kind: 'container', level: 'warning', title: `Container ${container} ${cause}` } as const;
      if (this.#failed.size >= MOST) this.#failed.clear();
      this.#failed.set(container, event);
      return event;
    }
    if (known === undefined || tags['container_status'] !== 'running') return undefined;
    this.#failed.delete(container);
    return { ...known, until: Math.max(known.at, milliseconds(time)) };
  }
}
