/** Numbered points, in bursts, as fast as asked for. Each has a time of its own, so that none can replace another. */
import { setTimeout as sleep } from 'node:timers/promises';

import { defineInput, z } from 'healthd/plugin';

export default defineInput({
  name: 'load',
  summary: 'Numbered points',
  config: z.strictObject({
    run: z.string().describe('Value of the tag'),
    from: z.string().describe('Time of the point 0, in nanoseconds; that of the point n is n later'),
    burst: z.number().int().describe('Points at once'),
    pause: z.number().describe('Milliseconds between two bursts'),
    most: z.number().int().optional().describe('Points in all; no end if not given'),
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
