import { asksWindows, defineInput, isPortable, provider, z } from '../../plugin/index.ts';

import { reclaimableArc } from './arc.ts';
import { metrics } from './metrics.ts';
import { readMeminfo } from './meminfo.ts';
import { readPortable } from './portable.ts';
import { readWindows } from './windows.ts';

/** Physical memory. Source: proc(5), section /proc/meminfo; `used` is total − available, as in Telegraf since 1.36. */
export const mem = defineInput({
  name: 'mem',
  summary: 'Physical memory: total, available, used, caches and kernel memory',
  config: z.strictObject({
    collect_extended: z
      .boolean()
      .default(false)
      .describe(
        'Adds active_file, inactive_file, active_anon, inactive_anon, unevictable, percpu (Linux), or the commit charge (Windows)',
      ),
    provider: provider(),
  }),
  metrics,
  create({ collect_extended, provider }, { host, windows }) {
    if (asksWindows(provider, host.platform)) {
      return { gather: (acc, signal) => readWindows(acc, collect_extended ? windows : undefined, signal) };
    }
    if (isPortable(provider, host.platform)) {
      return {
        gather: async (acc) => {
          acc.add('mem', await readPortable());
        },
      };
    }
    return {
      gather(acc) {
        const text = host.readText(`${host.proc}/meminfo`);
        acc.add('mem', readMeminfo(text, collect_extended, reclaimableArc(host)));
      },
    };
  },
});
