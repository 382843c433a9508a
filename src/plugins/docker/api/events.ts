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

/** Container events from newline-delimited JSON; chunks may split a line anywhere. */
export async function* parseEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<EngineEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = line.trim() === '' ? undefined : (JSON.parse(line) as EngineEvent);
      if (event?.Type === 'container') yield event;
    }
  }
}

/** Nanoseconds since the Unix epoch, rounded to 256 ns by the JSON number. */
export function eventTime({ time = 0, timeNano = time * 1e9 }: EngineEvent): number {
  return timeNano;
}
