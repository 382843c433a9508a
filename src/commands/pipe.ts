/** Writes data to a pipe or a file as fast as it is read there. */
import { once } from 'node:events';

import { printData } from './print.ts';

/** Waits while the stream is full; stops without an error when the reader closes the pipe. */
export async function pipeData(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  stream: NodeJS.WriteStream,
): Promise<void> {
  const closed = new AbortController();
  const onError = () => {
    closed.abort();
  };
  stream.on('error', onError);
  try {
    for await (const chunk of chunks) {
      if (closed.signal.aborted) return;
      if (!printData(stream, chunk)) await drained(stream, closed.signal);
    }
  } finally {
    stream.off('error', onError);
  }
}

async function drained(stream: NodeJS.WriteStream, closed: AbortSignal): Promise<void> {
  try {
    await once(stream, 'drain', { signal: closed });
  } catch {
    // The reader has closed the pipe; the caller's loop checks the signal.
  }
}
