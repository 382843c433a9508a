/** What `bench/prometheus.mjs` measures, as one bundle: what is known of a series hangs on its tags object. */
export { LineBatch } from '../../src/metric/batch.ts';
export { systemClock } from '../../src/core/clock.ts';
export { createWriter } from '../../src/outputs/prometheus/exposition.ts';
export { Registry } from '../../src/outputs/prometheus/registry.ts';
