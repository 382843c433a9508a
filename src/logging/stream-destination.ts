import type { Destination } from './line-queue.ts';

/**
 * Writes to a stream no faster than it takes. Node keeps what a pipe does not take in memory, without bound, so a reader of
 * stderr that stands still must be noticed here. Terminals and files are written at once.
 */
export function streamDestination(stream: NodeJS.WritableStream): Destination {
  let waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  stream.on('drain', () => waiting?.resolve());
  // Whoever has read our log is gone: nobody is left to tell, and it must not end the process.
  stream.on('error', (error: Error) => waiting?.reject(error));
  return {
    async write(text) {
      if (stream.write(text)) return;
      await new Promise<void>((resolve, reject) => {
        waiting = { resolve, reject };
      });
    },
    /** What the stream has taken may still be in memory. */
    close: () =>
      new Promise((resolve) => {
        stream.write('', () => {
          resolve();
        });
      }),
  };
}
