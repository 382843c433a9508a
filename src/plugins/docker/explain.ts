/** What Docker knows of a container that an alert is about: how it ended, and the last lines of its log. */
import { constants } from 'node:os';

import { describeError, formatValue, truncate, type ContextTable } from '../../plugin/index.ts';

import type { ContainerInspection } from './api/answers.ts';
import type { Engine } from './api/engine.ts';
import { lastLines } from './api/logs.ts';
import { parseTime } from './api/time.ts';

const MAX_LINES = 5;
const MAX_LINE = 200;
/** Exit codes from here on are those of shells for signals. */
const FIRST_SIGNAL_CODE = 128;

/** Exit codes that shells and Docker give themselves. */
const CODES: ReadonlyMap<number, string> = new Map([
  [125, 'the daemon failed'],
  [126, 'the command cannot be run'],
  [127, 'the command was not found'],
]);

/** A container that is gone; what its last event said. */
export interface Ended {
  readonly image: string;
  /** NaN if unknown. */
  readonly exitCode: number;
}

/** @param now nanoseconds since the Unix epoch */
export async function explainContainer(
  engine: Engine,
  { id, name, image }: { readonly id: string; readonly name: string; readonly image: string },
  now: bigint,
  signal: AbortSignal,
): Promise<readonly ContextTable[]> {
  const [inspection, log] = await Promise.all([engine.inspect(id, signal), logTable(engine, id, signal)]);
  return [containerTable(name, image, inspection, now), log];
}

export function explainEnded(name: string, { image, exitCode }: Ended): readonly ContextTable[] {
  const code = Number.isNaN(exitCode) ? 'unknown' : exitText(exitCode);
  const rows = [
    ['Exit code', code],
    ...(image === '' ? [] : [['Image', image]]),
    ['Log', 'removed with the container'],
  ];
  return [{ kind: 'source', title: `Container ${name}`, columns: ['What', 'Value'], rows }];
}

function containerTable(name: string, image: string, inspection: ContainerInspection, now: bigint): ContextTable {
  const { State, RestartCount = 0 } = inspection;
  const finished = State.Running ? undefined : parseTime(State.FinishedAt);
  const ago = finished === undefined ? '' : ` ${formatValue(Number((now - finished) / 1_000_000n), 'ms')} ago`;
  const check = State.Health?.Log?.at(-1);
  const rows = [
    ...(State.Pid === 0
      ? [['Exit code', `${exitText(State.ExitCode)}${State.OOMKilled ? ', out of memory' : ''}`]]
      : []),
    ['State', `${State.Status}${ago}`],
    ['Image', image],
    ['Restarts', String(RestartCount)],
    ...(check === undefined ? [] : [['Health check', `exit code ${check.ExitCode}: ${printable(check.Output)}`]]),
  ];
  return { kind: 'source', title: `Container ${name}`, columns: ['What', 'Value'], rows };
}

async function logTable(engine: Engine, id: string, signal: AbortSignal): Promise<ContextTable> {
  const table = { kind: 'source', title: 'Last lines of its log', columns: ['Line'] } as const;
  try {
    const lines = await lastLines(await engine.logs(id, MAX_LINES, signal));
    const rows = lines.slice(-MAX_LINES).map((line) => [printable(line)]);
    return rows.length === 0 ? { ...table, rows, note: 'empty' } : { ...table, rows };
  } catch (error) {
    // A log driver may not be readable; the rest is worth as much.
    signal.throwIfAborted();
    return { ...table, rows: [], note: describeError(error) };
  }
}

/** `137 (SIGKILL)` */
function exitText(code: number): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - FIRST_SIGNAL_CODE)?.[0];
  const meaning = CODES.get(code) ?? signal;
  return meaning === undefined ? String(code) : `${code} (${meaning})`;
}

/** Without colours; other control characters are escaped. */
function printable(line: string): string {
  const text = line
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .trim()
    .replaceAll('\t', ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return truncate(text, MAX_LINE);
}
