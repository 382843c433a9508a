/** What the benchmark of line protocol takes from the sources, as one module. */
export * from '../../src/core/line-protocol.ts';
export { internTags } from '../../src/core/series.ts';
