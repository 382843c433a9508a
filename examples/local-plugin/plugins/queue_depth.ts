import { defineInput, z } from 'healthd/plugin';

/** The answer of the queue. Anything else is an error that names the field. */
const Statistics = z.object({ depth: z.number().int(), oldest_seconds: z.number() });

export default defineInput({
  name: 'queue_depth',
  summary: 'Jobs waiting in a queue, and the age of the oldest',
  config: z.strictObject({
    url: z.url().describe('Address of the statistics'),
  }),
  metrics: {
    queue: {
      tags: { queue: 'Host and port of the queue' },
      fields: {
        depth: { type: 'int', unit: 'jobs', help: 'Jobs waiting' },
        oldest: { type: 'float', unit: 's', help: 'Age of the oldest job' },
      },
    },
  },
  create({ url }) {
    return {
      async gather(acc, signal) {
        const response = await fetch(url, { signal });
        if (!response.ok) throw new Error(`${url} answered ${response.status}; is it the address of the statistics?`);
        const { depth, oldest_seconds } = Statistics.parse(await response.json());
        acc.add('queue', { depth, oldest: oldest_seconds }, { queue: new URL(url).host });
      },
    };
  },
});
