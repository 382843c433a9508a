import { trustedOwners } from '../registry/file-permissions.ts';

import { agentSchema } from './file-schema.ts';
import { composeAgent } from './compose.ts';
import { withEnvironmentFile } from './environment-file.ts';
import { findConfig, type FindSettings } from './find.ts';
import { systemOf, type LoadSettings } from './load.ts';
import { withFragments } from './merge.ts';
import { InvalidConfig } from './problem.ts';
import { opaqueSource, type Source } from './source.ts';
import { isMapping, substitute } from './substitute.ts';

/**
 * The state directory of a configuration that may be invalid: its agent runs on and can be asked. The default where not
 * even the section can be read.
 *
 * @param onUnreadable is called then
 * @throws ConfigError if a named file is missing or not trusted
 */
export async function stateDirectoryOf(
  settings: LoadSettings,
  onUnreadable: (error: InvalidConfig) => void = () => undefined,
): Promise<string> {
  const system = systemOf(settings);
  const owners = trustedOwners(system.uid, system.environment);
  const source = await readSource({ ...settings, ...system, owners }, onUnreadable);
  const environment =
    source.file === '' ? system.environment : await withEnvironmentFile(source.file, system.environment, owners);
  const { value } = substitute(source, environment, (path) => source.locate(path).file);
  const agent = isMapping(value) && isMapping(value['agent']) ? value['agent'] : {};
  const checked = agentSchema.safeParse({ state_dir: agent['state_dir'] });
  return composeAgent(checked.data ?? agentSchema.parse({}), system).state_dir;
}

async function readSource(settings: FindSettings, onUnreadable: (error: InvalidConfig) => void): Promise<Source> {
  try {
    const found = await findConfig(settings);
    if (found !== undefined) return await withFragments(found, settings.owners);
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    onUnreadable(error);
  }
  return opaqueSource('', {});
}
