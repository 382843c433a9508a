/** What the agent says about its host and about itself, as a part of the agent. */
import { join } from 'node:path';

import type { AgentAnswer } from '../api/agent.ts';
import type { HostInfo } from '../api/host.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import { collectFacts } from '../host/inventory/collect.ts';
import { Inventory, type InventoryAtTime } from '../host/inventory/inventory.ts';
import { createProgramRunner } from '../host/run-program.ts';
import type { Host } from '../plugin/index.ts';

import { agentAnswer, type AgentSources } from './agent-answer.ts';
import { CpuMeter } from './cpu-meter.ts';
import { hostId } from './host-id.ts';
import { hostInfo, type HostSettings } from './host-info.ts';

export interface StatusSection extends HostSettings {
  readonly stateDirectory: string;
}

export interface StatusOptions {
  readonly host: Host;
  readonly version: string;
  readonly sources: AgentSources;
  readonly clock: Clock;
  readonly log: Logger;
}

export class StatusPart implements Part<StatusSection> {
  readonly name = 'status';
  readonly #options: StatusOptions;
  readonly #startedAt: number;
  readonly #cpu: CpuMeter;
  #section: StatusSection | undefined;
  #inventory: Inventory | undefined;
  /** The state directory cannot change while the process runs. */
  #id: string | undefined;

  constructor(options: StatusOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#cpu = new CpuMeter(options.clock);
  }

  async prepare(next: StatusSection): Promise<Prepared> {
    const id = this.#id ?? (await hostId(next.stateDirectory, this.#options.log));
    return {
      use: () => {
        if (this.#section === undefined) this.#begin(next.stateDirectory);
        this.#id = id;
        this.#section = next;
        return Promise.resolve();
      },
      discard: () => Promise.resolve(),
    };
  }

  /** Undefined before the start. */
  hostInfo(): HostInfo | undefined {
    if (this.#section === undefined || this.#id === undefined) return undefined;
    return hostInfo({ ...this.#options, id: this.#id, startedAt: this.#startedAt }, this.#section);
  }

  /** Undefined before the start. */
  agent(): Promise<AgentAnswer> | undefined {
    if (this.#section === undefined) return undefined;
    const { sources, version } = this.#options;
    const { stateDirectory } = this.#section;
    return agentAnswer(sources, { version, stateDirectory, startedAt: this.#startedAt, cpu: this.#cpu.percent() });
  }

  /** Undefined before the start. The first one on this host takes seconds. */
  inventory(): Promise<InventoryAtTime> | undefined {
    return this.#inventory?.answer();
  }

  /** Undefined until one was collected: does not collect. */
  keptInventory(): Promise<InventoryAtTime | undefined> {
    return this.#inventory?.kept() ?? Promise.resolve(undefined);
  }

  status(): readonly PartStatus[] {
    return [];
  }

  stop(): Promise<void> {
    this.#cpu.stop();
    this.#inventory?.stop();
    return Promise.resolve();
  }

  #begin(stateDirectory: string): void {
    const { clock, log } = this.#options;
    const path = join(stateDirectory, 'inventory.json');
    const run = createProgramRunner(clock);
    this.#inventory = new Inventory({ path, collect: () => collectFacts(run, clock), clock, log });
    this.#inventory.start();
    this.#cpu.start();
  }
}
