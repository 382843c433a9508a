/** Reads the configuration, and formats its problems, for every command. */
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import { formatProblems, InvalidConfig } from '../config/problem.ts';
import { describeError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { builtInPlugins } from '../registry/registry.ts';

import type { ConfigOptions, Terminal } from './command.ts';

/** @throws InvalidConfig or ConfigError; `describeProblem` formats both */
export function readConfig({ config }: ConfigOptions, { cwd, environment }: Terminal): Promise<LoadedConfig> {
  return loadConfig({ path: config, cwd, environment, registry: builtInPlugins });
}

export function describeProblem(error: unknown, color = false): string {
  if (!(error instanceof InvalidConfig)) return printable(describeError(error), { keepNewlines: true });
  const count = error.problems.length;
  return `${formatProblems(error.problems, { color })}\n\n${count === 1 ? '1 problem' : `${count} problems`}`;
}
