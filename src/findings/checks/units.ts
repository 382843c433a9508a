/** Units of systemd that failed, with their last log line. */
import type { Finding } from '../../api/host.ts';
import type { RunProgram } from '../../plugin/program.ts';
import { bounded, counted, evidence, named } from '../check.ts';

const MOST_UNITS = 20;
/** Each costs a program. */
const MOST_LOGS = 5;
const OUTPUT = { maxOutput: 256 * 1024, environment: { LC_ALL: 'C', SYSTEMD_COLORS: '0' } };
const LIST = ['systemctl', 'list-units', '--state=failed', '--plain', '--no-legend', '--no-pager', '--full'] as const;
const PROPERTIES = ['Id', 'Result', 'NRestarts', 'ExecMainStatus', 'StateChangeTimestampMonotonic'];

export interface FailedUnit {
  readonly name: string;
  /** `exit-code`, `signal`, `timeout`, …; empty if it is not known. */
  readonly result: string;
  /** Automatic ones. */
  readonly restarts: number;
  readonly exitStatus: number;
  /** ms since boot; 0 if it is not known. */
  readonly failedAt: number;
}

/** @throws if systemctl cannot be run or does not reach systemd */
export async function failedUnits(run: RunProgram, bootedAt: number, signal: AbortSignal): Promise<readonly Finding[]> {
  const names = parseUnits(await outputOf(run, LIST, signal)).slice(0, MOST_UNITS);
  if (names.length === 0) return [];
  const show = ['systemctl', 'show', ...PROPERTIES.map((name) => `--property=${name}`), '--', ...names] as const;
  const units = parseProperties(await outputOf(run, show, signal));
  return Promise.all(
    units.map(async (unit, index) =>
      failedUnit(unit, index < MOST_LOGS ? await lastLine(run, unit.name, signal) : '', bootedAt),
    ),
  );
}

/** @param line of its log, empty if it cannot be read */
export function failedUnit(unit: FailedUnit, line: string, bootedAt: number): Finding {
  const { name, result, restarts, exitStatus, failedAt } = unit;
  const times = restarts === 0 ? '' : ` ${counted(restarts + 1, 'time')}`;
  const how = result === 'exit-code' ? `exit code ${exitStatus}` : result;
  return {
    id: `unit:${name}`,
    level: 'warning',
    sentence: [named(name), ` failed${times} and does not run.`],
    evidence: evidence(bounded(line), bounded(how)),
    since: failedAt === 0 ? null : Math.round(bootedAt + failedAt),
  };
}

/** The first word of each line of `systemctl list-units --plain`. */
export function parseUnits(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^(?:● )?\s*([^\s-]\S*\.[a-z]+)\s/.exec(line)?.[1] ?? []);
}

/** Blocks of `key=value`, one for each unit, apart by an empty line. */
export function parseProperties(text: string): readonly FailedUnit[] {
  return text.split(/\n\n+/).flatMap((block) => {
    const values = new Map(
      block.split('\n').map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    const name = values.get('Id') ?? '';
    if (name === '') return [];
    const number = (key: string) => Number(values.get(key) ?? 0) || 0;
    return [
      {
        name,
        result: values.get('Result') ?? '',
        restarts: number('NRestarts'),
        exitStatus: number('ExecMainStatus'),
        failedAt: number('StateChangeTimestampMonotonic') / 1000,
      },
    ];
  });
}

/** Who may not read the journal sees no line. */
async function lastLine(run: RunProgram, unit: string, signal: AbortSignal): Promise<string> {
  const command = ['journalctl', `--unit=${unit}`, '--lines=1', '--output=cat', '--no-pager', '--quiet'] as const;
  const { failure, stdout } = await run(command, OUTPUT, signal);
  const line = failure === undefined ? stdout.toString('utf8').trim() : '';
  return line.startsWith('-- ') ? '' : line;
}

async function outputOf(
  run: RunProgram,
  command: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<string> {
  const { failure, stdout, stderr } = await run(command, OUTPUT, signal);
  if (failure !== undefined) throw new Error(`systemctl ${failure}: ${bounded(stderr.toString('utf8'))}`);
  return stdout.toString('utf8');
}
