/** Series that nobody has seen before: 4,000 every second, as from pods, requests or sessions that come and go. */
import { defineInput, z } from '../../dist/plugin.js';

const PER_GATHER = 4000;

export default defineInput({
  name: 'series',
  summary: 'New series at every gather',
  config: z.strictObject({ end: z.number() }),
  metrics: { bench: { fields: { value: { type: 'float', help: 'A value' } } } },
  create({ end }) {
    let made = 0;
    return {
      gather(acc) {
        for (let index = 0; index < PER_GATHER && made < end; index += 1) {
          made += 1;
          acc.add('bench', { value: 1.5 }, { pod: `checkout-7d9f8b6c5-${made}`, namespace: 'shop', node: 'worker-17' });
        }
        if (made === end) console.log('done');
      },
    };
  },
});
