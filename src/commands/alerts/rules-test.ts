/** `healthd rules test`: runs rules against synthetic series, for example in CI. */
import { resolve } from 'node:path';

import { compileRules } from '../../alerts/rules/compile.ts';
import type { KnownFields } from '../../alerts/rules/fields.ts';
import type { Rule } from '../../alerts/rules/rule.ts';
import { RuleFault } from '../../alerts/rules/rule-fault.ts';
import { trialSchema, type TrialFile } from '../../alerts/trial/schema.ts';
import { runTrial, type Difference, type TrialResult } from '../../alerts/trial/trial.ts';
import { allInputs, knownFields } from '../../config/known-fields.ts';
import { readCheckedFile, type CheckedFile } from '../../config/checked-file.ts';
import { formatDuration } from '../../core/duration.ts';
import { trustedOwners } from '../../registry/file-permissions.ts';
import { builtInPlugins } from '../../registry/registry.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { counted } from '../columns.ts';
import { readConfig } from '../read-config.ts';
import { print } from '../print.ts';

export interface RulesTestInput extends ConfigOptions {
  readonly file: string;
}

export async function rulesTest(input: RulesTestInput, terminal: Terminal): Promise<ExitCode> {
  const owners = trustedOwners(process.getuid?.(), terminal.environment);
  const file = await readCheckedFile(resolve(terminal.cwd, input.file), trialSchema, owners);
  const { rules, known } = await rulesOf(file, input, terminal);
  const results = resultsOf(file, rules, known);
  const lines = results.flatMap(resultLines);
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  const total = counted(results.length, 'test');
  lines.push(failed === 0 ? `${total} passed` : `${failed} of ${total} failed`);
  print(terminal.stdout, lines.join('\n'));
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

interface Tested {
  readonly rules: readonly Rule[];
  readonly known: KnownFields;
}

/** The rules of the file, which may use any measurement of an external input; without any, those of the configuration. */
async function rulesOf(file: CheckedFile<TrialFile>, options: ConfigOptions, terminal: Terminal): Promise<Tested> {
  const { alerts } = file.value;
  if (alerts === undefined) {
    const config = await readConfig(options, terminal);
    const inputs = config.inputs.map(({ plugin }) => plugin);
    return { rules: config.alerts.rules, known: knownFields({ inputs, processors: config.processors }) };
  }
  const inputs = await allInputs(builtInPlugins);
  const known = { ...knownFields({ inputs, processors: [] }), others: 'measurements', isHub: true } as const;
  const { rules, problems } = await compileRules({ ...alerts, thresholds: alerts.thresholds, known });
  if (problems.length > 0) throw file.refuse(problems.map((one) => ({ ...one, path: ['alerts', ...one.path] })));
  return { rules, known };
}

function resultsOf(file: CheckedFile<TrialFile>, rules: readonly Rule[], known: KnownFields): readonly TrialResult[] {
  return file.value.tests.map((test, index) => {
    try {
      return runTrial(test, rules, known);
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      throw file.refuse([{ message: error.message, hint: error.hint, path: ['tests', index, ...error.path] }]);
    }
  });
}

function resultLines({ name, differences, course }: TrialResult): readonly string[] {
  if (differences.length === 0) return [`✓ ${name}`];
  const stages = course.map(({ at, ...stage }) => `${formatDuration(at)} ${stateText(stage)}`);
  return [`✗ ${name}`, ...differences.flatMap(differenceLines), `    course: ${['0s ok', ...stages].join(' → ')}`];
}

function differenceLines({ expected, was }: Difference): readonly string[] {
  return [`    at ${formatDuration(expected.at)}: expected ${stateText(expected)}, got ${stateText(was)}`];
}

/** `ok` has no level. */
function stateText({ status, level }: { readonly status: string; readonly level?: string | undefined }): string {
  return level === undefined || level === 'ok' ? status : `${status} ${level}`;
}
