/** What `bench/remote-write.mjs` measures, as one bundle: what is known of a series hangs on its tags object. */
export { LineBatch } from '../../src/metric/batch.ts';
export { SeriesTable } from '../../src/outputs/prometheus_remote_write/series-table.ts';
export { WriteRequestEncoder } from '../../src/outputs/prometheus_remote_write/write-request.ts';
