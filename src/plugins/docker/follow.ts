import type { EngineEvent } from './api.ts';

/** Changes that are reported at once. Each of a container's other events only ends what was known of it. */
const REPORTED = /^(?:start|die|died|restart|pause|unpause|oom|health_status(?::.*)?)$/;

export function isReported({ Action }: EngineEvent): boolean {
  return REPORTED.test(Action);
}

/** Container events from newline-delimited JSON, whatever way it was cut into chunks. */
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

/** Nanoseconds since the Unix epoch, exact to 256 of them as a JSON number is. */
export function eventTime({ time = 0, timeNano = time * 1e9 }: EngineEvent): number {
  return timeNano;
}
