/** CPU of this process over the last minute. */
import type { Clock } from '../core/clock.ts';

const SAMPLE_MS = 10_000;
const SPAN_MS = 60_000;

interface Sample {
  /** By the clock's `elapsed`. */
  readonly at: number;
  readonly usedMs: number;
}

export class CpuMeter {
  readonly #clock: Clock;
  readonly #usedMs: () => number;
  /** Oldest first. */
  #samples: readonly Sample[];
  #cancel: () => void = () => undefined;

  /** @param usedMs CPU time of this process, in user and kernel mode, ms */
  constructor(clock: Clock, usedMs: () => number = processTime) {
    this.#clock = clock;
    this.#usedMs = usedMs;
    this.#samples = [this.#read()];
  }

  start(): void {
    this.#cancel = this.#clock.after(SAMPLE_MS, () => {
      const now = this.#read();
      this.#samples = [...this.#samples.filter(({ at }) => now.at - at < SPAN_MS), now];
      this.start();
    });
  }

  /** 100 is one core. Over less than a minute after the start; 0 at the start. */
  percent(): number {
    const now = this.#read();
    const oldest = this.#samples[0] ?? now;
    const ms = now.at - oldest.at;
    return ms <= 0 ? 0 : ((now.usedMs - oldest.usedMs) / ms) * 100;
  }

  stop(): void {
    this.#cancel();
  }

  #read(): Sample {
    return { at: this.#clock.elapsed(), usedMs: this.#usedMs() };
  }
}

function processTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
