/** What the benchmark of the history takes from the sources, as one module. */
export { systemClock } from '../../src/core/clock.ts';
export { atOnce } from '../../src/core/turns.ts';
export { encodeBlock } from '../../src/history/codec/block.ts';
export { collate } from '../../src/history/collate.ts';
export { HISTORY_CURSOR } from '../../src/history/feed.ts';
export { HeadSet } from '../../src/history/head-set.ts';
export { History } from '../../src/history/history.ts';
export { HistoryPart } from '../../src/history/part.ts';
export { rollUp, rollUpMinutes } from '../../src/history/roll-up.ts';
export { keyOf, setOf } from '../../src/history/series-set.ts';
export { openDatabase } from '../../src/history/store/database.ts';
export { openHost } from '../../src/host/machine.ts';
export { createProgramRunner } from '../../src/host/run-program.ts';
export { loadDriver } from '../../src/host/sqlite/driver.ts';
export { openJournal } from '../../src/journal/part.ts';
export { encodeLines, parseLines } from '../../src/metric/line-protocol.ts';
export { silentLog } from '../../src/testing.ts';
