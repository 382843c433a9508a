/** Lines of a stream of text, each bounded. A line that comes in many chunks is joined once: its cost is its length. */
export class Lines {
  readonly #max: number;
  readonly #take: (line: string) => void;
  #chunks: string[] = [];
  #length = 0;

  /** @param max characters of a line. @param take gets each line, without its end */
  constructor(max: number, take: (line: string) => void) {
    this.#max = max;
    this.#take = take;
  }

  /** @returns false if a line is too long; what was read of it is forgotten */
  add(text: string): boolean {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      if (!this.#keep(text.slice(from, end))) return false;
      const line = this.#chunks.join('');
      this.#forget();
      this.#take(line);
      from = end + 1;
    }
    return this.#keep(text.slice(from));
  }

  #keep(chunk: string): boolean {
    if (this.#length + chunk.length > this.#max) {
      this.#forget();
      return false;
    }
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    return true;
  }

  #forget(): void {
    this.#chunks = [];
    this.#length = 0;
  }
}
