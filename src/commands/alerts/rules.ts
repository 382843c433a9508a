/** `healthd rules check|explain`: lists the rules, or shows their settings. */
import type { Rule } from '../../alerts/rules/rule.ts';
import { ConfigError } from '../../core/errors.ts';
import { nearest } from '../../registry/nearest.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { columns } from '../columns.ts';
import { readConfig } from '../read-config.ts';
import { print } from '../print.ts';

/** Invalid rules have already failed `readConfig`. */
export async function rulesCheck(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  const { alerts } = await readConfig(options, terminal);
  const rows = alerts.rules.map((rule) => [rule.id, levelsOf(rule), rule.notify ? '' : 'history only']);
  const lines = columns(rows, ['left', 'left', 'left']);
  print(terminal.stdout, [...lines, `${alerts.rules.length} rules, all valid`].join('\n'));
  return EXIT.ok;
}

export interface ExplainInput extends ConfigOptions {
  /** Of a rule. Default: all rules. */
  readonly id?: string;
}

export async function rulesExplain({ id, ...options }: ExplainInput, terminal: Terminal): Promise<ExitCode> {
  const { rules } = (await readConfig(options, terminal)).alerts;
  const wanted = id === undefined ? rules : rules.filter((rule) => rule.id === id);
  if (wanted.length === 0) {
    const near = nearest(
      id ?? '',
      rules.map((rule) => rule.id),
    );
    const hint = near === undefined ? 'list rules with "healthd rules check"' : `did you mean "${near}"?`;
    throw new ConfigError(`No rule "${id ?? ''}"; ${hint}`);
  }
  print(terminal.stdout, wanted.map((rule) => rule.explain().join('\n')).join('\n\n'));
  return EXIT.ok;
}

function levelsOf({ timing }: Rule): string {
  return Object.keys(timing.for).join(', ');
}
