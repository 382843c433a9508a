import type { EngineEvent } from './answers.ts';

/**
 * Events that trigger a report. Any other event only invalidates the cached inspection. A restart appears as `die` and
 * `start`; Podman sends `died`, and `remove` for `destroy`.
 */
const REPORTED = /^(?:start|die|died|destroy|remove|pause|unpause|oom|health_status(?::.*)?)$/;

export function isReported({ Action }: EngineEvent): boolean {
  return REPORTED.test(Action);
}

export function isRemoval({ Action }: EngineEvent): boolean {
  return Action === 'destroy' || Action === 'remove';
}

/** Maximum size of one event, in characters; a container may have hundreds of labels. */
const MAX_EVENT = 256 * 1024;

/**
 * Container events from newline-delimited JSON; chunks may split a line anywhere.
 *
 * @throws if what the daemon sends is no event
 */
export async function* parseEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<EngineEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_EVENT) throw new Error(`The daemon sent an event of more than ${MAX_EVENT} characters`);
    for (const line of lines) {
      const event = line.trim() === '' ? undefined : parseEvent(line);
      if (event !== undefined) yield event;
    }
  }
}

/** @returns undefined for an event of anything but a container */
function parseEvent(line: string): EngineEvent | undefined {
  let event: { readonly Type?: unknown; readonly Action?: unknown; readonly Actor?: { readonly ID?: unknown } } | null;
  try {
    event = JSON.parse(line) as typeof event;
  } catch (error) {
    throw new Error(`The daemon sent an event that is not JSON: ${excerpt(line)}`, { cause: error });
  }
  if (typeof event === 'object' && event !== null && event.Type !== 'container') return undefined;
  if (typeof event?.Action === 'string' && typeof event.Actor?.ID === 'string') return event as EngineEvent;
  throw new Error(`The daemon sent an event without action and container: ${excerpt(line)}`);
}

function excerpt(line: string): string {
  return JSON.stringify(line.slice(0, 80));
}

/** Nanoseconds since the Unix epoch, rounded to 256 ns by the JSON number; 0 if the daemon sent no number. */
export function eventTime({ time, timeNano }: EngineEvent): number {
  if (isTime(timeNano)) return timeNano;
  return isTime(time) ? time * 1e9 : 0;
}

/** An event is checked for its action and container only, and JSON has numbers that are infinite here: 1e999. */
function isTime(value: unknown): value is number {
  return Number.isFinite(value) && Number.isFinite((value as number) * 1e9);
}
