/** The bytes of a block are damaged. The rest of the history can be read. */
export class CorruptBlockError extends Error {
  override readonly name = 'CorruptBlockError';

  constructor(what: string, options?: ErrorOptions) {
    super(`A block of the history is damaged: ${what}`, options);
  }
}
