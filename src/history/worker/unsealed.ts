/**
 * Which part of the journal is in the file. Lines belong to hours and hours are stored one by one, so the cursor can go up to
 * the first line of the oldest one among those hours that are only in memory.
 */
export class Unsealed {
  /** Start of an hour, ms → position of the first batch with a sample in it. */
  #first = new Map<number, number>();
  /** The same of the hours that are being sealed. */
  #sealing = new Map<number, number>();
  #received = 0;

  /** All lines before this position are stored. */
  get sealedUpTo(): number {
    return Math.min(this.#received, ...this.#first.values(), ...this.#sealing.values());
  }

  get hours(): Iterable<number> {
    return this.#first.keys();
  }

  /** Samples of a batch of lines are in memory. @param start and @param end positions in the journal */
  received(start: number, end: number, hours: Iterable<number>): void {
    for (const hour of hours) this.#first.set(hour, Math.min(start, this.#first.get(hour) ?? start));
    // Not the maximum: older lines that are found later are read before the others again.
    this.#received = end;
  }

  /** Samples that come from now on are not part of it. */
  begin(isWanted: (hour: number) => boolean): void {
    for (const [hour, position] of this.#first) {
      if (!isWanted(hour)) continue;
      this.#sealing.set(hour, position);
      this.#first.delete(hour);
    }
  }

  finish(): void {
    this.#sealing.clear();
  }

  /** Some of it may still be in memory. */
  giveUp(): void {
    for (const [hour, position] of this.#sealing) this.#first.set(hour, position);
    this.#sealing.clear();
  }
}
