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

/** A limit that does not fit the unit of its field. */
export class UnitFault extends RuleFault {}

/** All faults of one rule. */
export class InvalidRule extends Error {
  readonly faults: readonly RuleFault[];

  constructor(faults: readonly RuleFault[]) {
    super(faults.map(({ message }) => message).join('; '));
    this.faults = faults;
  }
}

/** @throws the error itself if it is not a fault of a rule */
export function faultsOf(error: unknown): readonly RuleFault[] {
  if (error instanceof InvalidRule) return error.faults;
  if (error instanceof RuleFault) return [error];
  throw error;
}

/** Compiles an expression. @throws RuleFault with its path */
export function guarded<T>(path: RuleFault['path'], compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw new RuleFault(`Invalid expression: ${(error as Error).message}`, path);
  }
}
