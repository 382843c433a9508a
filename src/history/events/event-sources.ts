/** What happens to the host and the agent, as events of the history. Runs on the main thread; costs some 100 µs each 10 s. */
import { existsSync } from 'node:fs';

import { readClock, type Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { inTurns } from '../../core/turns.ts';
import type { Metric } from '../../metric/metric.ts';
import type { AuditEntry } from '../../plugin/audit-entry.ts';
import type { Host, RunProgram } from '../../plugin/index.ts';
import type { HistoryEvent } from '../access.ts';
import { alertEvent } from './sources/alerts.ts';
import { ClockSteps } from './sources/clock-steps.ts';
import { DeadContainers } from './sources/containers.ts';
import { FailedUnits, listFailedUnits } from './sources/failed-units.ts';
import { RemountedMounts } from './sources/mounts.ts';
import { oomEvents, oomKills, readVictims } from './sources/oom-kills.ts';

export interface EventSourcesOptions {
  readonly host: Pick<Host, 'platform' | 'proc' | 'dev' | 'run' | 'readOptional'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly run: RunProgram;
  readonly version: string;
  readonly addEvent: (event: HistoryEvent) => void;
}

const LOOK_MS = 10_000;
/** A process of systemctl takes 10 ms of CPU time. */
const UNITS_MS = 60_000;
const SYSTEMCTL_TIMEOUT_MS = 10_000;

export class EventSources {
  readonly #options: EventSourcesOptions;
  readonly #containers = new DeadContainers();
  readonly #mounts = new RemountedMounts();
  readonly #units = new FailedUnits();
  readonly #clockSteps = new ClockSteps();
  readonly #stopped = new AbortController();
  #kills: number | undefined;
  #cancel: readonly (() => void)[] = [];

  constructor(options: EventSourcesOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, host, version } = this.#options;
    this.#happened('agent', `healthd ${version} started`);
    const hasSystemd = host.platform === 'linux' && existsSync(`${host.run}/systemd/system`);
    this.#cancel = [
      every(clock, LOOK_MS, () => this.#guarded('look at the host', () => this.#look())),
      ...(hasSystemd
        ? [every(clock, UNITS_MS, () => this.#guarded('list the failed units', () => this.#lookAtUnits()))]
        : []),
    ];
  }

  reloaded(): void {
    this.#happened('agent', 'healthd has a new configuration');
  }

  stop(): void {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    for (const cancel of this.#cancel) cancel();
    this.#happened('agent', 'healthd stopped');
  }

  observe(metric: Metric): void {
    if (metric.name === 'docker_container_status') this.#add(this.#containers.observe(metric));
  }

  audit(entry: AuditEntry): void {
    this.#add(alertEvent(entry));
  }

  async #look(): Promise<void> {
    const { clock, host } = this.#options;
    const now = readClock(clock);
    this.#add(this.#clockSteps.update(now));
    if (host.platform !== 'linux') return;
    // Of the host, if the agent may see it; of itself in a container.
    const mountinfo = host.readOptional(`${host.proc}/1/mountinfo`) || host.readOptional(`${host.proc}/self/mountinfo`);
    for (const event of this.#mounts.update(mountinfo, now.wall)) this.#add(event);
    const kills = oomKills(host.readOptional(`${host.proc}/vmstat`));
    const more = (kills ?? 0) - (this.#kills ?? kills ?? 0);
    this.#kills = kills;
    if (more <= 0) return;
    const victims = await inTurns(readVictims(`${host.dev}/kmsg`), this.#stopped.signal);
    for (const event of oomEvents(more, victims, now.wall)) this.#add(event);
  }

  async #lookAtUnits(): Promise<void> {
    const { clock, run } = this.#options;
    const signal = AbortSignal.any([this.#stopped.signal, clock.signal(SYSTEMCTL_TIMEOUT_MS)]);
    const names = await listFailedUnits(run, signal);
    for (const event of this.#units.update(names, clock.now())) this.#add(event);
  }

  async #guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#options.log.debug(`Cannot ${what}: ${describeError(error)}`);
    }
  }

  #happened(kind: HistoryEvent['kind'], title: string): void {
    this.#add({ at: this.#options.clock.now(), kind, level: 'info', title });
  }

  #add(event: HistoryEvent | undefined): void {
    if (event !== undefined) this.#options.addEvent(event);
  }
}

/** At once, and then `ms` after the end of each. @returns ends it */
function every(clock: Clock, ms: number, work: () => Promise<void>): () => void {
  let isEnded = false;
  let cancel: (() => void) | undefined;
  const next = () => {
    void work().finally(() => {
      if (!isEnded) cancel = clock.after(ms, next);
    });
  };
  next();
  return () => {
    isEnded = true;
    cancel?.();
  };
}
