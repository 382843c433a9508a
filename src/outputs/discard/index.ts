import { defineOutput, z } from '../../plugin/index.ts';

/** Discards every batch. */
export const discard = defineOutput({
  name: 'discard',
  summary: 'Discards everything, to try out inputs or to benchmark the agent',
  config: z.strictObject({}),
  create: () => ({
    async write(_batch, signal) {
      signal.throwIfAborted();
      return Promise.resolve();
    },
  }),
});
