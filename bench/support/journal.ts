/** What the benchmarks of the journal take from the sources, as one module. */
export { Agent } from '../../src/agent/agent.ts';
export { openDeadLetters } from '../../src/agent/dead-letters.ts';
export { openHost } from '../../src/agent/host.ts';
export { OutputRunner } from '../../src/agent/output-runner.ts';
export { createStatistics } from '../../src/agent/self-statistics.ts';
export { LineEncoder } from '../../src/core/line-protocol.ts';
export { systemClock } from '../../src/core/clock.ts';
export { packLines } from '../../src/core/packed-lines.ts';
export { checkConfig } from '../../src/index.ts';
export { LineJournal } from '../../src/journal/line-journal.ts';
export { encodeRecord } from '../../src/journal/record.ts';
export { SegmentStore } from '../../src/journal/segment-store.ts';
export { influxdb } from '../../src/outputs/influxdb/index.ts';
export { openConnection } from '../../src/outputs/influxdb/transport.ts';
export { builtInPlugins } from '../../src/registry/registry.ts';
export { defineOutput, z } from '../../src/plugin.ts';
export { manualClock, silentLog } from '../../src/testing.ts';
