/** What the benchmarks of the journal take from the sources, as one module. */
export { Agent } from '../../src/agent/agent.ts';
export { openDeadLetters } from '../../src/deliver/dead-letters.ts';
export { pluginContext } from '../../src/host/context.ts';
export { OutputRunner } from '../../src/deliver/output-runner.ts';
export { noWrites } from '../../src/deliver/counters.ts';
export { LineEncoder } from '../../src/metric/line-protocol.ts';
export { systemClock } from '../../src/core/clock.ts';
export { packLines } from '../../src/metric/packed-lines.ts';
export { checkConfig } from '../../src/index.ts';
export { LineJournal } from '../../src/journal/line-journal.ts';
export { encodeRecord } from '../../src/journal/record.ts';
export { SegmentStore } from '../../src/journal/segment-store.ts';
export { influxdb } from '../../src/outputs/influxdb/index.ts';
export { openConnection } from '../../src/outputs/influxdb/transport.ts';
export { builtInPlugins } from '../../src/registry/registry.ts';
export { defineOutput, z } from '../../src/plugin/index.ts';
export { manualClock, silentLog } from '../../src/testing.ts';
