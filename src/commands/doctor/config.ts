/** The configuration: whether it is valid, who may read its secrets, and whether the running agent uses it. */
import { readFile, stat } from 'node:fs/promises';

import type { LoadedConfig } from '../../config/load.ts';
import { fine, problem, type Check, type DoctorFinding, type Patient } from './finding.ts';

/** Of a valid configuration; the doctor itself reports one that is not. */
export const checkConfiguration: Check = async (patient) => {
  const { config } = patient;
  if (config === undefined) return [];
  const exposed = await Promise.all(config.files.map((file) => exposedSecrets(file, config)));
  const valid = config.files.length === 0 ? 'none; the built-in default' : config.files.join(', ');
  return [fine(`Configuration: ${valid}`), ...exposed.flat(), ...otherFiles(config, patient)];
};

const READABLE_BY_OTHERS = 0o004;

async function exposedSecrets(file: string, { secrets }: LoadedConfig): Promise<readonly DoctorFinding[]> {
  const [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
  if (process.platform === 'win32' || (mode & READABLE_BY_OTHERS) === 0 || secrets.redact(text) === text) return [];
  return [problem(`Configuration: everybody on this host may read the secrets in ${file}`, `chmod o-rwx ${file}`)];
}

function otherFiles({ files }: LoadedConfig, { agent, program }: Patient): readonly DoctorFinding[] {
  if (agent === undefined || agent.configFiles.join() === files.join()) return [];
  const named = (list: readonly string[]) => (list.length === 0 ? 'the built-in default' : list.join(', '));
  return [
    problem(
      `Another agent: process ${agent.pid} runs on this state directory with ${named(agent.configFiles)}, not with ${named(files)}`,
      `${program} stop, or another agent.state_dir for one of the two`,
    ),
  ];
}
