import { defineInput, z } from '../../plugin/index.ts';

import { metrics } from './metrics.ts';

/** Self-monitoring of the agent. Names are those of Telegraf's input `internal`. */
export const internal = defineInput({
  name: 'internal',
  summary: "The agent's own health: metrics gathered, written, dropped and buffered, and durations",
  config: z.strictObject({
    collect_memstats: z.boolean().default(true).describe('Adds internal_memstats, the memory of the process'),
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

/** Maps Node's memory figures to Go's names, so that dashboards made for Telegraf work. */
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
