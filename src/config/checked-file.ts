/** Reads other files than the configuration, and checks them with the same kind of messages. */
import { ConfigError } from '../core/errors.ts';
import type { z } from '../plugin/index.ts';
import type { TrustedOwners } from '../registry/file-permissions.ts';

import { findingsOf } from './findings.ts';
import { EmptyConfig, parseFile } from './parse.ts';
import { InvalidConfig, problemAt, sortProblems, type Complaint } from './problem.ts';
import type { Path } from './source.ts';

export interface CheckedFile<Value> {
  readonly value: Value;
  /** The error for faults that the schema cannot find. */
  refuse(complaints: readonly (Complaint & { readonly path: Path })[]): InvalidConfig;
}

/** @throws ConfigError with every problem and its place */
export async function readCheckedFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  owners: TrustedOwners,
): Promise<CheckedFile<z.output<Schema>>> {
  const source = await parseFile(path, owners).catch((error: unknown) => {
    throw error instanceof EmptyConfig ? new ConfigError(`${path} is empty`, { cause: error }) : error;
  });
  const result = schema.safeParse(source.value, { reportInput: true });
  if (!result.success) {
    const findings = findingsOf(result.error.issues, { schema, value: source.value, isHidden: () => false });
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
