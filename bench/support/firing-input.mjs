/** Reports 10,000 series every 10 s, and one of them beyond its limit every 300 ms: its value is the time at which it was. */
import { defineInput, z } from '../../dist/plugin.js';

const SERIES = 10_000;
const SHARDS = 100;
const PAUSE_MS = 150;

export default defineInput({
  name: 'firing',
  summary: 'Series of which one crosses its limit again and again',
  config: z.strictObject({}),
  metrics: { bench: { fields: { value: { type: 'float', help: 'A time that is too large, or 0' } } } },
  create(_options, { clock }) {
    const add = (acc, id, value) => acc.add('bench', { value }, { shard: String(id % SHARDS), id: String(id) });
    return {
      gather(acc) {
        // The first shard is left to the other half, so that no regular sample comes in between.
        for (let id = 0; id < SERIES; id += 1) if (id % SHARDS !== 0) add(acc, id, 0);
      },
      async run(acc, signal) {
        await clock.sleep(12_000, signal);
        for (;;) {
          add(acc, 0, Date.now() % 1e9);
          await clock.sleep(PAUSE_MS, signal);
          add(acc, 0, 0);
          await clock.sleep(PAUSE_MS, signal);
        }
      },
    };
  },
});
