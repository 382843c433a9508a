/** The hub's part, loaded when an agent is to be a hub: most are not, and would start later for it. */
import type { Part, PartStatus, Prepared } from '../core/part.ts';
import type { Metric } from '../metric/metric.ts';
import type { FleetEvents } from '../plugin/index.ts';

import type { AgentIntake, HubControl } from './control.ts';
import type { HubOptions, HubPart, HubSection } from './part.ts';

export class LazyHubPart implements Part<HubSection> {
  readonly name = 'hub';
  readonly #options: HubOptions;
  readonly #listeners = new Set<() => void>();
  #part: HubPart | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  async prepare(section: HubSection): Promise<Prepared> {
    if (section.settings !== undefined) this.#part ??= await this.#load();
    if (this.#part !== undefined) return this.#part.prepare(section);
    return {
      use: () => {
        // Of the time when this agent was a hub.
        this.#options.alerts?.()?.retain(() => false);
        return Promise.resolve();
      },
      discard: () => Promise.resolve(),
    };
  }

  /** See HubPart. */
  get events(): FleetEvents {
    return {
      snapshot: () => this.#part?.events.snapshot() ?? [],
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  /** See HubPart. */
  get id(): string | undefined {
    return this.#part?.id;
  }

  /** See HubPart. */
  get control(): HubControl | undefined {
    return this.#part?.control;
  }

  /** See HubPart. */
  get intake(): AgentIntake | undefined {
    return this.#part?.intake;
  }

  /** See HubPart. */
  observe(metric: Metric, input: string | undefined): void {
    this.#part?.observe(metric, input);
  }

  /** See HubPart. */
  sender(id: string): ReturnType<HubPart['sender']> {
    return this.#part?.sender(id);
  }

  /** See HubPart. */
  get sight(): HubPart['sight'] {
    return this.#part?.sight;
  }

  status(): readonly PartStatus[] {
    return this.#part?.status() ?? [];
  }

  async stop(): Promise<void> {
    await this.#part?.stop();
  }

  async #load(): Promise<HubPart> {
    const { HubPart } = await import('./part.ts');
    const part = new HubPart(this.#options);
    part.events.onChange(() => {
      for (const listener of this.#listeners) listener();
    });
    return part;
  }
}
