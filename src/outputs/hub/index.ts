import { defineOutput, z } from '../../plugin/index.ts';

/** Sends everything to the hub that the agent has joined. */
export const hub = defineOutput({
  name: 'hub',
  summary: 'The healthd hub that this host has joined with "healthd join"',
  config: z.strictObject({}),
  create(_options, { openHubLink }) {
    const link = openHubLink();
    return {
      write: (batch, signal) => link.send(batch, signal),
      stop: () => link.close(),
    };
  },
});
