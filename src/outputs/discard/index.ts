import { defineOutput, z } from '../../plugin/index.ts';

/** Takes every batch and keeps nothing. */
export const discard = defineOutput({
  name: 'discard',
  summary: 'Takes everything and keeps nothing, to try inputs or measure the agent',
  config: z.strictObject({}),
  create: () => ({
    async write(_batch, signal) {
      signal.throwIfAborted();
      return Promise.resolve();
    },
  }),
});
