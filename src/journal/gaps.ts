/** Line numbers without a line: lines that were dropped, and jumps where a new count started. */
interface Range {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export class Gaps {
  /** Sorted and disjoint. */
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

  /** Count of numbers from `from` (inclusive) to `to` (exclusive) without a line. */
  within(from: number, to: number): number {
    return this.#ranges.reduce(
      (sum, range) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from)),
      0,
    );
  }

  /** Count of lines in that span. */
  lines(from: number, to: number): number {
    return Math.max(0, to - from) - this.within(from, to);
  }

  /** Drops gaps before a position that no reader needs. */
  forgetBefore(position: number): void {
    this.#ranges = this.#ranges.filter((range) => range.to > position);
  }
}
