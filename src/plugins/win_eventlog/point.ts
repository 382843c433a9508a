import type { Accumulator } from '../../plugin/index.ts';

import type { metrics } from './metrics.ts';

/** An event as the reader sends it. */
export interface EventRow extends Readonly<Record<string, unknown>> {
  readonly id: number;
}

export interface PointShape {
  readonly isTag: (name: string) => boolean;
  readonly isExcluded: (name: string) => boolean;
  readonly only_first_line_of_message: boolean;
  readonly process_eventdata: boolean;
  readonly timestamp_from_event: boolean;
}

/** Value in Telegraf's words → name in the row. */
const VALUES = {
  Source: 'source',
  EventID: 'eventId',
  Level: 'level',
  LevelText: 'levelText',
  Task: 'task',
  TaskText: 'taskText',
  Opcode: 'opcode',
  OpcodeText: 'opcodeText',
  Keywords: 'keywords',
  Channel: 'channel',
  Computer: 'computer',
  EventRecordID: 'id',
  Version: 'version',
  ProcessID: 'process',
  ThreadID: 'thread',
  UserID: 'user',
  TimeCreated: 'time',
  Message: 'message',
} as const;

/** Fields with a number; everything else is text. */
const NUMBERS = new Set(['EventRecordID', 'Version', 'ProcessID', 'ThreadID']);

/** Of one value. Characters. */
const LONGEST = 16_384;

export function pointOf(event: EventRow, shape: PointShape, acc: Accumulator<typeof metrics>): void {
  const tags: Record<string, string> = {};
  const fields: Record<string, number | string> = {};
  const put = (name: string, value: unknown) => {
    if (shape.isExcluded(name) || (typeof value !== 'string' && typeof value !== 'number')) return;
    if (shape.isTag(name)) tags[name] = String(value).slice(0, LONGEST);
    else fields[name] = NUMBERS.has(name) ? Number(value) : String(value).slice(0, LONGEST);
  };
  for (const [name, key] of Object.entries(VALUES)) put(name, key === 'message' ? messageOf(event, shape) : event[key]);
  if (shape.process_eventdata && typeof event['data'] === 'object' && event['data'] !== null) {
    for (const [name, value] of Object.entries(event['data']).slice(0, 64)) put(name, value);
  }
  acc.add('win_eventlog', fields, tags, shape.timestamp_from_event ? timeOf(event['time']) : undefined);
}

function messageOf({ message }: EventRow, { only_first_line_of_message: isCut }: PointShape): string | undefined {
  if (typeof message !== 'string') return undefined;
  return isCut ? message.split(/\r?\n/, 1)[0] : message;
}

/** .NET writes seven digits of a second; nanoseconds. */
export function timeOf(text: unknown): bigint | undefined {
  const [, second, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(String(text)) ?? [];
  if (second === undefined) return undefined;
  const ms = Date.parse(`${second}Z`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0') || '0');
}
