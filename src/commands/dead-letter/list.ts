/** `healthd dead-letter list`: lines that destinations refused permanently. */
import { linesIn, type LetterGroup } from '../../deliver/letters.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';

import { columns, counted, humanCount } from '../columns.ts';
import { withState } from '../state.ts';
import { readLetters } from './files.ts';
import { jsonText, print } from '../print.ts';

export interface ListOptions extends ConfigOptions {
  /** Only lines of this output. */
  readonly output?: string;
  readonly json?: boolean;
}

export function deadLetterList(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  return withState(options, terminal, async ({ config }) => {
    const letters = await readLetters(config.agent.state_dir);
    const groups = letters.groups.filter(({ output }) => output === (options.output ?? output));
    const text = options.json === true ? jsonText(listJson(groups)) : listText(groups);
    // Reasons quote servers, which may echo secrets.
    print(terminal.stdout, config.secrets.redact(text));
    return EXIT.ok;
  });
}

export function listText(groups: readonly LetterGroup[]): string {
  if (groups.length === 0) return 'No dead letters';
  const rows = groups.map(({ time, output, size, reason }) => [time, output, humanCount(size), reason]);
  const heads = ['Time', 'Output', 'Lines', 'Reason'];
  return [...columns([heads, ...rows], ['left', 'left', 'right', 'left']), '', ...totals(groups)].join('\n');
}

function totals(groups: readonly LetterGroup[]): readonly string[] {
  const byOutput = [...linesByOutput(groups)].map(([output, lines]) => `${output}: ${counted(lines, 'line')}`);
  const all = `${counted(linesIn(groups), 'line')} in ${counted(groups.length, 'group')}`;
  return [byOutput.length > 1 ? `${all}; ${byOutput.join(', ')}` : all];
}

export function listJson(groups: readonly LetterGroup[]): object {
  return {
    groups: groups.map(({ time, output, size, reason }) => ({ time, output, lines: size, reason })),
    lines: linesIn(groups),
    lines_by_output: Object.fromEntries(linesByOutput(groups)),
  };
}

function linesByOutput(groups: readonly LetterGroup[]): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const { output, size } of groups) lines.set(output, (lines.get(output) ?? 0) + size);
  return lines;
}
