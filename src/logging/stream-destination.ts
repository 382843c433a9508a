import type { Destination } from './line-queue.ts';

/**
 * Writes to a stream with backpressure. Node buffers writes to a full pipe in memory, without bound, so a stalled reader of
 * stderr must be detected here. Writes to terminals and files are synchronous.
 */
export function streamDestination(stream: NodeJS.WritableStream): Destination {
  let waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  stream.on('drain', () => waiting?.resolve());
  // The reader is gone, so there is nowhere to report it, and an unhandled error event would end the process.
  stream.on('error', (error: Error) => waiting?.reject(error));
  return {
    async write(text) {
      if (stream.write(text)) return;
      await new Promise<void>((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    /** Waits for the stream's own buffer. */
    close: () =>
      new Promise((resolve) => {
        stream.write('', () => {
          resolve();
        });
      }),
  };
}
