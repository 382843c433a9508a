/**
 * Logstash's tcp input with the codec json_lines: each line is one JSON object. Lines that Logstash would repair, or store with a
 * tag such as `_jsonparsefailure`, reset the connection here.
 */
import { z } from 'zod';

import { startStreamServer, type StreamServer, type StreamServerSettings } from './stream-server.ts';

const key = z.string().regex(/^[^[\]]+$/);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** All other fields are refused, `tags` too: it is reserved for a list of strings. */
const event = z.strictObject({
  '@timestamp': z.iso.datetime(),
  '@version': z.literal('1'),
  message: z.string(),
  measurement: z.string().min(1),
  host: z.strictObject({ name: z.string().min(1) }),
  log: z
    .strictObject({
      level: z.string().optional(),
      syslog: z.strictObject({ severity: z.strictObject({ code: z.number().int().min(0).max(7) }) }).optional(),
    })
    .optional(),
  labels: z.record(key, z.string()),
  fields: z.record(key, scalar),
});

export type LogstashEvent = z.output<typeof event>;

export interface StrictLogstash extends StreamServer {
  readonly events: readonly LogstashEvent[];
}

export async function startStrictLogstash(
  settings: Pick<StreamServerSettings, 'certificate'> = {},
): Promise<StrictLogstash> {
  const events: LogstashEvent[] = [];
  const take = (stream: Buffer) => {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(stream);
    if (text === '') return;
    if (!text.endsWith('\n')) throw new Error('The last line has no newline');
    events.push(...text.slice(0, -1).split('\n').map(parsed));
  };
  return { ...(await startStreamServer({ ...settings, take })), events };
}

function parsed(line: string): LogstashEvent {
  return event.parse(JSON.parse(line));
}
