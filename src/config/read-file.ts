/** Other files than the configuration, read and checked in the same way. */
import { ConfigError } from '../core/errors.ts';
import type { z } from '../plugin/index.ts';

import { explain } from './explain.ts';
import { EmptyConfig, parseFile } from './parse.ts';
import { InvalidConfig, problemAt, sortProblems, type Complaint } from './problem.ts';
import type { Path } from './source.ts';

export interface CheckedFile<Value> {
  readonly value: Value;
  /** The error for what the schema could not see. */
  refuse(complaints: readonly (Complaint & { readonly path: Path })[]): InvalidConfig;
}

/** @throws ConfigError, with every problem and its place */
export async function readFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<CheckedFile<z.output<Schema>>> {
  const source = await parseFile(path).catch((error: unknown) => {
    throw error instanceof EmptyConfig ? new ConfigError(`There is nothing in ${path}`, { cause: error }) : error;
  });
  const result = schema.safeParse(source.value, { reportInput: true });
  if (!result.success) {
    const findings = explain(result.error.issues, { schema, value: source.value, isHidden: () => false });
    const problems = findings.map((found) => problemAt(source.locate(found.path, found.part), found.path, found));
    throw new InvalidConfig(sortProblems(problems));
  }
  return {
    value: result.data,
    refuse: (complaints) => {
      const problems = complaints.map((one) => problemAt(source.locate(one.path), one.path, one));
      return new InvalidConfig(sortProblems(problems));
    },
  };
}
