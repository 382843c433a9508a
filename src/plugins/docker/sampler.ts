import { describeError } from '../../plugin/index.ts';
import type { Host, Logger, PluginContext } from '../../plugin/index.ts';

import type { ContainerInspection, ContainerStats, EngineInfo } from './api.ts';
import { hostFacts, readCgroup } from './cgroup.ts';
import { cpuPercent, cpuSample, daemonSample, type CpuSample } from './cpu.ts';
import type { Engine } from './engine.ts';
import type { DockerOptions } from './options.ts';
import { parseTime } from './time.ts';

/** Takes samples of containers, and remembers the CPU time of each for the percentage of the next. */
export class Sampler {
  readonly #engine: Pick<Engine, 'stats'>;
  readonly #context: PluginContext;
  readonly #mayReadCgroups: boolean;
  readonly #previous = new Map<string, CpuSample>();
  #toldFallback = false;

  constructor(engine: Pick<Engine, 'stats'>, options: DockerOptions, context: PluginContext) {
    this.#engine = engine;
    this.#context = context;
    this.#mayReadCgroups =
      options.read_cgroups && context.host.platform === 'linux' && options.endpoint.startsWith('unix://');
  }

  /**
   * The first sample of a container has no percentage: zero would be wrong, and to wait for a second sample costs a
   * second. An exception is a daemon too old for one-shot requests, which sends its own previous sample.
   *
   * @returns undefined when the container does not run any more
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

  /** Forgets the containers that are not among these. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#previous.keys()) {
      if (!ids.has(id)) this.#previous.delete(id);
    }
  }

  #fromCgroup(inspection: ContainerInspection, info: EngineInfo): ContainerStats | undefined {
    // Whether a network that was joined is the host's own, only the daemon knows.
    const joined = inspection.HostConfig?.NetworkMode?.startsWith('container:') === true;
    if (!this.#mayReadCgroups || joined || inspection.State.Pid === 0) return undefined;
    const { host, clock, log } = this.#context;
    try {
      const facts = hostFacts(host.readText(`${host.proc}/stat`), info.MemTotal);
      return { read: new Date(clock.now()).toISOString(), ...readCgroup(host, inspection, facts) };
    } catch (error) {
      this.#tellFallback(log, host, error);
      return undefined;
    }
  }

  #tellFallback(log: Logger, { proc, sys }: Host, error: unknown): void {
    if (this.#toldFallback) return;
    this.#toldFallback = true;
    log.debug(`Cannot read cgroups under ${proc} and ${sys}, so the daemon is asked: ${describeError(error)}`);
  }
}
