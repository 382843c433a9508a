import { defineOutput, duration, z } from '../../plugin/index.ts';

/** Sends everything to a hub that the agent has joined: one output for each hub. */
export const hub = defineOutput({
  name: 'hub',
  summary: 'The healthd hub that this host has joined with "healthd join"',
  config: z.strictObject({
    alerts: z
      .boolean()
      .optional()
      .describe(
        'Hands alerts to this hub, which notifies; false: another hub or the agent notifies; default: true, on a hub false',
      ),
    deliver_after: duration('60s')
      .refine((ms) => ms >= 1000 && ms <= 86_400_000, 'must be between 1s and 1d')
      .describe(
        'The next hub, or the agent by itself, notifies of an alert that this hub has not confirmed for so long',
      ),
  }),
  create({ alerts, deliver_after: deliverAfterMs }, { openHubLink }) {
    const link = openHubLink({ alerts, deliverAfterMs });
    return {
      write: (batch, signal) => link.send(batch, signal),
      stop: () => link.close(),
    };
  },
});
