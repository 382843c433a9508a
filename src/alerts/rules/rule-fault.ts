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
