/** `healthd doctor`: tests all that the agent needs; each problem comes with what fixes it. */
import { resolve } from 'node:path';

import type { AgentAnswer } from '../../api/agent.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { systemClock } from '../../core/clock.ts';
import { userName } from '../../host/user-name.ts';
import { controlClient, type ControlClient } from '../../server/client.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { counted } from '../columns.ts';
import { findStateDirectory } from '../daemon.ts';
import { discover } from '../discovery.ts';
import { invocation } from '../invocation.ts';
import { jsonText, print, printLines, type Line } from '../print.ts';
import { describeProblem, readConfig } from '../read-config.ts';

import { examine } from './examine.ts';
import type { DoctorFinding, Patient } from './finding.ts';

export interface DoctorOptions extends ConfigOptions {
  readonly json?: boolean;
  /** Also writes a file for a bug report, without secrets. */
  readonly report?: string;
}

/** Exit code 0: no problem; 1: at least one. */
export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const program = invocation(terminal);
  const { config, findings: invalid } = await tryConfig(options, terminal, program);
  const stateDirectory = config?.agent.state_dir ?? (await findStateDirectory(options, terminal));
  const client = controlClient(stateDirectory, process.platform);
  const patient: Patient = {
    config,
    stateDirectory,
    agent: await stateOf(client),
    discovery: await discover(terminal.environment, process.platform),
    environment: terminal.environment,
    user: { name: userName(), id: process.getuid?.() },
    program,
    now: systemClock.now(),
  };
  const redact = config?.secrets.redact ?? ((text: string) => text);
  const findings = [...invalid, ...(await examine(patient))].map((found) => ({ ...found, text: redact(found.text) }));
  if (options.json === true) print(terminal.stdout, jsonText({ findings }));
  else printLines(terminal.stdout, findingLines(findings));
  if (options.report !== undefined) {
    const { writeReport } = await import('./report.ts');
    const file = resolve(terminal.cwd, options.report);
    await writeReport(file, { patient, findings, client });
    print(terminal.stderr, `Wrote ${file}; read it before you pass it on`);
  }
  return findings.some(({ level }) => level === 'problem') ? EXIT.failed : EXIT.ok;
}

interface TriedConfig {
  readonly config: LoadedConfig | undefined;
  readonly findings: readonly DoctorFinding[];
}

async function tryConfig(options: DoctorOptions, terminal: Terminal, program: string): Promise<TriedConfig> {
  try {
    return { config: await readConfig(options, terminal), findings: [] };
  } catch (error) {
    const finding: DoctorFinding = {
      level: 'problem',
      text: 'Configuration: it cannot be used',
      detail: describeProblem(error),
      remedy: `correct it, then: ${program} check`,
    };
    return { config: undefined, findings: [finding] };
  }
}

/** @returns undefined if no agent answers, for whatever reason: the state directory's check tells more */
async function stateOf(client: ControlClient): Promise<AgentAnswer | undefined> {
  try {
    return (await client.get('/api/v1/agent')) as AgentAnswer;
  } catch {
    return undefined;
  }
}

const SIGNS = { fine: ['quiet', '✓'], warning: ['warning', '!'], problem: ['problem', '✗'] } as const;

function findingLines(findings: readonly DoctorFinding[]): readonly Line[] {
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const lines = findings.flatMap(({ level, text, detail, remedy }): readonly Line[] => [
    [SIGNS[level], ` ${text}`],
    ...(detail ?? '').split('\n').flatMap((line): readonly Line[] => (line === '' ? [] : [[`    ${line}`]])),
    ...(remedy === undefined ? [] : ([['  → ', ['strong', remedy]]] as const)),
  ]);
  return [...lines, [], [problems === 0 ? 'Nothing is wrong' : counted(problems, 'problem')]];
}
