/** Reads the configuration, and formats its problems, for every command. */
import { loadConfig, type DefaultEntries, type DraftFile, type LoadedConfig } from '../config/load.ts';
import { formatProblems, InvalidConfig } from '../config/problem.ts';
import { describeError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { builtInPlugins } from '../registry/registry.ts';

import type { ConfigOptions, Terminal } from './command.ts';
import { discover, discoveredInputs } from './discovery.ts';

/**
 * A configuration without inputs gets those that make sense on this machine.
 *
 * @param outputs of a configuration without outputs; default: the console
 * @param draft a file of `alerts.d` that is not written yet
 * @throws InvalidConfig or ConfigError; `describeProblem` formats both
 */
export async function readConfig(
  { config }: ConfigOptions,
  { cwd, environment }: Terminal,
  outputs: Pick<DefaultEntries, 'outputs'> = {},
  draft?: DraftFile,
): Promise<LoadedConfig> {
  if (process.platform === 'win32') {
    const { refuseForeignFolders } = await import('./windows-folders.ts');
    await refuseForeignFolders({ path: config, cwd, environment });
  }
  const inputs = async () => discoveredInputs(await discover(environment, process.platform));
  const defaults = { ...outputs, inputs };
  return await loadConfig({ path: config, cwd, environment, registry: builtInPlugins, defaults, draft });
}

export function describeProblem(error: unknown, color = false): string {
  if (!(error instanceof InvalidConfig)) return printable(describeError(error), { keepNewlines: true });
  const count = error.problems.length;
  return `${formatProblems(error.problems, { color })}\n\n${count === 1 ? '1 problem' : `${count} problems`}`;
}
