/**
 * What a reader should look at in values of this moment. The limits are those of the stock rules; alerts need them for some
 * minutes, so a peak is coloured here and alerts nobody.
 */
import { formatValue } from '../../plugin/index.ts';

import type { Problem, Problems } from './problem.ts';
import type { FileSystem, HostView } from './view.ts';

export type Judgement = 'fine' | 'warning' | 'critical';

interface Limits {
  readonly warning: number;
  readonly critical: number;
}

const GIB = 2 ** 30;

/** Percent, but temperatures in °C and free space in bytes. */
const LIMITS = {
  cpu: { warning: 90, critical: 97 },
  steal: { warning: 10, critical: 25 },
  /** Used: the rule looks at 10 and 5 % available. */
  memory: { warning: 90, critical: 95 },
  disk: { warning: 85, critical: 95 },
  temperature: { warning: 85, critical: 95 },
} as const satisfies Readonly<Record<string, Limits>>;

/** A large disk with more free space than this is not full, whatever its percentage. */
const FREE_SPACE: Limits = { warning: 20 * GIB, critical: 5 * GIB };

/** No processor survives it: the sensor is broken. */
const ABSURD_CELSIUS = 150;

export function judge(what: keyof typeof LIMITS, value: number): Judgement {
  if (what === 'temperature' && value >= ABSURD_CELSIUS) return 'fine';
  const { warning, critical } = LIMITS[what];
  return value >= critical ? 'critical' : value >= warning ? 'warning' : 'fine';
}

export function judgeFileSystem({ used, free, inodes }: FileSystem): Judgement {
  const space = judge('disk', used);
  if (judge('disk', inodes) !== 'fine') return judge('disk', inodes);
  if (space === 'critical' && free < FREE_SPACE.critical) return 'critical';
  return space !== 'fine' && free < FREE_SPACE.warning ? 'warning' : 'fine';
}

/** Sentences for a host without an agent that could say more, the worst first. */
export function problemsOf(view: HostView): Problems {
  const checks = [cpuCheck(view), memoryCheck(view), ...view.fileSystems.map(diskCheck), ...temperatureChecks(view)];
  const made = checks.filter((check) => check !== undefined);
  const list = made.filter((check): check is Problem => typeof check === 'object');
  const worstFirst = list.toSorted((a, b) => Number(b.level === 'critical') - Number(a.level === 'critical'));
  return { list: worstFirst, fine: made.length - list.length };
}

/** A problem, `fine`, or undefined if it could not be checked. */
type Check = Problem | 'fine' | undefined;

function check(id: string, level: Judgement, text: string): Check {
  return level === 'fine' ? 'fine' : { id, level, text, evidence: '', since: undefined };
}

function limit(what: keyof typeof LIMITS, level: Judgement, unit = 'percent'): string {
  return `limit ${formatValue(LIMITS[what][level === 'critical' ? 'critical' : 'warning'], unit)}`;
}

function cpuCheck({ cpu }: HostView): Check {
  if (cpu === undefined || Number.isNaN(cpu.busy)) return undefined;
  if (judge('steal', cpu.steal) !== 'fine') {
    const level = judge('steal', cpu.steal);
    return check(
      'steal',
      level,
      `The hypervisor takes ${formatValue(cpu.steal, 'percent')} of CPU time, ${limit('steal', level)}.`,
    );
  }
  const level = judge('cpu', cpu.busy);
  return check('cpu', level, `The CPU is ${formatValue(cpu.busy, 'percent')} busy, ${limit('cpu', level)}.`);
}

function memoryCheck({ memory }: HostView): Check {
  if (memory === undefined) return undefined;
  const used = (100 * memory.used) / memory.total;
  const level = judge('memory', used);
  return check('memory', level, `Memory is ${formatValue(used, 'percent')} used, ${limit('memory', level)}.`);
}

function diskCheck(disk: FileSystem): Check {
  const level = judgeFileSystem(disk);
  if (judge('disk', disk.inodes) !== 'fine')
    return check(
      `inodes ${disk.path}`,
      level,
      `${disk.path} has used ${formatValue(disk.inodes, 'percent')} of its inodes, ${limit('disk', level)}.`,
    );
  const text = `${disk.path} is ${formatValue(disk.used, 'percent')} full, ${limit('disk', level)}; ${formatValue(disk.free, 'bytes')} are free.`;
  return check(`disk ${disk.path}`, level, text);
}

function temperatureChecks({ temperatures }: HostView): readonly Check[] {
  return temperatures.map(({ sensor, celsius }) => {
    const level = judge('temperature', celsius);
    const text = `${sensor} is at ${formatValue(celsius, 'celsius')}, ${limit('temperature', level, 'celsius')}.`;
    return check(`temperature ${sensor}`, level, text);
  });
}
