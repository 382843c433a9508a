/** Numbers between lines of the journal that name no line: what was given up, and where counting began anew. */
interface Range {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export class Gaps {
  /** In order, apart from each other. */
  #ranges: readonly Range[] = [];

  add(from: number, to: number): void {
    if (from >= to) return;
    const apart = this.#ranges.filter((range) => range.to < from || range.from > to);
    const touching = this.#ranges.filter((range) => range.to >= from && range.from <= to);
    const merged = {
      from: Math.min(from, ...touching.map((range) => range.from)),
      to: Math.max(to, ...touching.map((range) => range.to)),
    };
    this.#ranges = [...apart, merged].sort((a, b) => a.from - b.from);
  }

  /** How many numbers from `from` up to, not including, `to` name no line. */
  within(from: number, to: number): number {
    return this.#ranges.reduce(
      (sum, range) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from)),
      0,
    );
  }

  /** How many numbers in that span do name a line. */
  lines(from: number, to: number): number {
    return Math.max(0, to - from) - this.within(from, to);
  }

  /** Nobody will ask for what is before this any more. */
  forgetBefore(position: number): void {
    this.#ranges = this.#ranges.filter((range) => range.to > position);
  }
}
