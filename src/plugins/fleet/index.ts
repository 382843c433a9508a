import { once } from 'node:events';

import { defineInput, z, type Accumulator } from '../../plugin/index.ts';

import { metrics } from './metrics.ts';

type FleetAccumulator = Accumulator<typeof metrics>;

/** The hosts of this hub: at each interval, and whenever one of them changes its state. */
export const fleet = defineInput({
  name: 'fleet',
  summary: 'On a hub: which hosts are there, and whether all of their lines have come',
  config: z.strictObject({}),
  metrics,
  create(_options, { fleet: hosts }) {
    const report = (acc: FleetAccumulator) => {
      for (const { name, tags, fields } of hosts.snapshot()) acc.add(name, fields, tags);
    };
    return {
      gather: report,
      async run(acc, signal) {
        const end = hosts.onChange(() => {
          report(acc);
        });
        try {
          if (!signal.aborted) await once(signal, 'abort');
        } finally {
          end();
        }
      },
    };
  },
});
