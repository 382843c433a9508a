import type { EngineEvent } from './api.ts';

/**
 * Changes that are reported at once; each other event only ends what was known of the container. A restart is told as an
 * end and a start. Podman says `died`.
 */
const REPORTED = /^(?:start|die|died|pause|unpause|oom|health_status(?::.*)?)$/;

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
