import { defineInput, z } from '../../plugin/index.ts';

import { metrics } from './metrics.ts';

/** The agent watching itself, under the names that Telegraf's input of the same name uses. */
export const internal = defineInput({
  name: 'internal',
  summary: "The agent's own health: what it gathered, wrote, dropped and kept, and how long that took",
  config: z.strictObject({
    collect_memstats: z.boolean().default(true).describe("Adds internal_memstats: the process's memory"),
  }),
  metrics,
  create({ collect_memstats }, { self }) {
    return {
      gather(acc) {
        for (const { name, tags, fields } of self.snapshot()) acc.add(name as keyof typeof metrics, fields, tags);
        if (collect_memstats) acc.add('internal_memstats', memory());
      },
    };
  },
});

/** Go's names for what a Node process can tell about its memory, so that dashboards made for them have something to show. */
function memory() {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  return {
    alloc_bytes: heapUsed + external,
    sys_bytes: rss,
    heap_alloc_bytes: heapUsed,
    heap_sys_bytes: heapTotal,
    heap_in_use_bytes: heapUsed,
    heap_idle_bytes: heapTotal - heapUsed,
  };
}
