/** Numbered points, in bursts at a given rate. Each has a unique time, so none can replace another. */
import { setTimeout as sleep } from 'node:timers/promises';

import { defineInput, z } from 'healthd/plugin';

export default defineInput({
  name: 'load',
  summary: 'Numbered points',
  config: z.strictObject({
    run: z.string().describe('Value of the tag'),
    from: z.string().describe('Time of point 0, in nanoseconds; point n is n later'),
    burst: z.number().int().describe('Points per burst'),
    pause: z.number().describe('Milliseconds between two bursts'),
    most: z.number().int().optional().describe('Maximum number of points; default: no limit'),
  }),
  metrics: {
    load: { tags: { run: 'Life of the agent' }, fields: { sequence: { type: 'int', unit: '', help: 'From 0 on' } } },
  },
  create({ run, from, burst, pause, most = Infinity }) {
    const start = BigInt(from);
    const tags = { run };
    return {
      async run(acc, signal) {
        for (let sequence = 0; ;) {
          const end = Math.min(most, sequence + burst);
          for (; sequence < end; sequence += 1) acc.add('load', { sequence }, tags, start + BigInt(sequence));
          await sleep(pause, undefined, { signal });
        }
      },
    };
  },
});
