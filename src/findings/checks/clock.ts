/** The clock: off, or not synchronised. Asked of chrony, else of systemd, where they are installed. */
import type { Finding } from '../../api/host.ts';
import { humanDuration } from '../../plugin/message-text.ts';
import type { Command, RunProgram } from '../../plugin/program.ts';
import { errorCode } from '../../core/errors.ts';

/** Below it, times of several hosts can still be compared. Seconds. */
const MOST_OFFSET = 0.5;
const OUTPUT = { maxOutput: 16 * 1024, environment: { LC_ALL: 'C' } };

/** @returns undefined if neither program can tell */
export async function clockTrouble(run: RunProgram, signal: AbortSignal): Promise<readonly Finding[] | undefined> {
  const tracking = await textOf(run, ['chronyc', '-n', 'tracking'], signal);
  if (tracking !== undefined) return fromChrony(tracking);
  const properties = ['NTP', 'NTPSynchronized'].map((name) => `--property=${name}`);
  const shown = await textOf(run, ['timedatectl', 'show', ...properties], signal);
  return shown === undefined ? undefined : fromTimedatectl(shown);
}

/** `chronyc tracking`: `System time : 3.100000000 seconds slow of NTP time`, `Leap status : Not synchronised`. */
export function fromChrony(text: string): readonly Finding[] {
  const value = (key: string) => new RegExp(`^${key}\\s*:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const isUnsynchronised = value('Leap status').toLowerCase() === 'not synchronised';
  const [, seconds = '0', direction] = /^([\d.]+) seconds (slow|fast) /.exec(value('System time')) ?? [];
  const offset = Number(seconds);
  const isOff = offset >= MOST_OFFSET;
  if (!isOff && !isUnsynchronised) return [];
  const off = `The clock is ${length(offset)} ${direction === 'slow' ? 'behind' : 'ahead'}`;
  const unsynchronised = 'chrony has no source to synchronise it with';
  const sentence = isOff
    ? `${off}${isUnsynchronised ? `; ${unsynchronised}` : ''}.`
    : `The clock is not synchronised: ${unsynchronised}.`;
  return [clockFinding('warning', sentence)];
}

/** `timedatectl show`: `NTP=yes`, `NTPSynchronized=no`. */
export function fromTimedatectl(text: string): readonly Finding[] {
  if (!/^NTPSynchronized=no$/m.test(text)) return [];
  if (/^NTP=yes$/m.test(text)) return [clockFinding('warning', 'The clock is not synchronised.')];
  return [clockFinding('note', 'The clock is not synchronised: no time service is on.')];
}

function clockFinding(level: 'warning' | 'note', sentence: string): Finding {
  return { id: 'clock', level, sentence: [sentence], evidence: '', since: null };
}

function length(seconds: number): string {
  return seconds < 60 ? `${Number(seconds.toPrecision(2))} s` : humanDuration(seconds * 1000);
}

/** Undefined if the program is not installed, or what it asks does not run. */
async function textOf(run: RunProgram, command: Command, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { failure, stdout } = await run(command, OUTPUT, signal);
    return failure === undefined ? stdout.toString('utf8') : undefined;
  } catch (error) {
    if (errorCode((error as { readonly cause?: unknown }).cause) === 'ENOENT') return undefined;
    throw error;
  }
}
