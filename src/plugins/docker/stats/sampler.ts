import { describeError } from '../../../plugin/index.ts';
import type { Host, Logger, PluginContext } from '../../../plugin/index.ts';
import type { ContainerInspection, ContainerStats, EngineInfo } from '../api/answers.ts';
import type { Engine } from '../api/engine.ts';
import { parseTime } from '../api/time.ts';
import { hostFacts, readCgroup } from '../cgroup/read-cgroup.ts';
import type { DockerOptions } from '../options.ts';

import { cpuPercent, cpuSample, daemonSample, type CpuSample } from './cpu.ts';

/** Samples containers, and keeps the CPU counters of each to compute its usage at the next sample. */
export class Sampler {
  readonly #engine: Pick<Engine, 'stats'>;
  readonly #context: PluginContext;
  readonly #mayReadCgroups: boolean;
  readonly #previous = new Map<string, CpuSample>();
  #loggedFallback = false;

  constructor(engine: Pick<Engine, 'stats'>, options: DockerOptions, context: PluginContext) {
    this.#engine = engine;
    this.#context = context;
    this.#mayReadCgroups =
      options.read_cgroups && context.host.platform === 'linux' && options.endpoint.startsWith('unix://');
  }

  /**
   * The first sample of a container has no percentage: zero would be wrong, and waiting for a second sample would take a
   * second. Exception: a daemon too old for one-shot requests sends its own previous sample.
   *
   * @returns undefined if the container has stopped
   */
  async sample(
    inspection: ContainerInspection,
    info: EngineInfo,
    signal: AbortSignal,
  ): Promise<{ readonly stats: ContainerStats; readonly percent: number | undefined } | undefined> {
    const { Id } = inspection;
    const stats = this.#fromCgroup(inspection, info) ?? (await this.#engine.stats(Id, signal));
    if (parseTime(stats.read) === undefined) return undefined;
    const previous = this.#previous.get(Id) ?? daemonSample(stats);
    this.#previous.set(Id, cpuSample(stats));
    return { stats, percent: previous && cpuPercent(stats, previous, info.NCPU) };
  }

  /** Drops the counters of all other containers. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#previous.keys()) {
      if (!ids.has(id)) this.#previous.delete(id);
    }
  }

  #fromCgroup(inspection: ContainerInspection, info: EngineInfo): ContainerStats | undefined {
    // Only the daemon knows whether the network of the joined container is the host's.
    const joined = inspection.HostConfig?.NetworkMode?.startsWith('container:') === true;
    if (!this.#mayReadCgroups || joined || inspection.State.Pid === 0) return undefined;
    const { host, clock, log } = this.#context;
    try {
      const facts = hostFacts(host.readText(`${host.proc}/stat`), info.MemTotal);
      return { read: new Date(clock.now()).toISOString(), ...readCgroup(host, inspection, facts) };
    } catch (error) {
      this.#logFallback(log, host, error);
      return undefined;
    }
  }

  #logFallback(log: Logger, { proc, sys }: Host, error: unknown): void {
    if (this.#loggedFallback) return;
    this.#loggedFallback = true;
    log.debug(`Cannot read cgroups under ${proc} and ${sys}, falling back to the daemon: ${describeError(error)}`);
  }
}
