/** A fault of one rule; thrown and caught while rules are compiled. */
export class RuleFault extends Error {
  /** Relative to the rule. */
  readonly path: readonly (string | number)[];
  readonly hint: string | undefined;

  constructor(message: string, path: readonly (string | number)[], hint?: string) {
    super(message);
    this.path = path;
    this.hint = hint;
  }
}

/** Compiles an expression. @throws RuleFault with its path */
export function guarded<T>(path: RuleFault['path'], compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw new RuleFault(`Invalid expression: ${(error as Error).message}`, path);
  }
}
