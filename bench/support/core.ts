/** What the benchmark of line protocol takes from the sources, as one module. */
export * from '../../src/metric/line-protocol.ts';
export { internTags } from '../../src/metric/series.ts';
