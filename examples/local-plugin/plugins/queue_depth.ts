import { defineInput, z } from 'healthd/plugin';

/** What the queue's HTTP interface answers. Anything else is an error that names the field. */
const Statistics = z.object({ depth: z.number().int(), oldest_seconds: z.number() });

export default defineInput({
  name: 'queue_depth',
  summary: 'Jobs waiting in the queue, and how long the oldest has waited',
  config: z.strictObject({
    url: z.url().describe('Where the queue shows its statistics'),
  }),
  metrics: {
    queue: {
      tags: { queue: 'Host and port of the queue' },
      fields: {
        depth: { type: 'int', unit: 'jobs', help: 'Jobs waiting' },
        oldest: { type: 'float', unit: 's', help: 'How long the oldest job has waited' },
      },
    },
  },
  create({ url }) {
    return {
      async gather(acc, signal) {
        const response = await fetch(url, { signal });
        if (!response.ok)
          throw new Error(`${url} answered ${response.status}; is it the statistics page of the queue?`);
        const { depth, oldest_seconds } = Statistics.parse(await response.json());
        acc.add('queue', { depth, oldest: oldest_seconds }, { queue: new URL(url).host });
      },
    };
  },
});
