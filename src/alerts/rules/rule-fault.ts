/** What is wrong with one rule: thrown and caught while rules are compiled. */
export class RuleFault extends Error {
  /** Within the rule. */
  readonly path: readonly (string | number)[];
  readonly hint: string | undefined;

  constructor(message: string, path: readonly (string | number)[], hint?: string) {
    super(message);
    this.path = path;
    this.hint = hint;
  }
}

/** Compiles an expression. @throws RuleFault that names its place */
export function guarded<T>(path: RuleFault['path'], compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw new RuleFault(`The expression is wrong: ${(error as Error).message}`, path);
  }
}
