/** What the benchmark of logging takes from the sources, as one module. */
export { default as winston } from 'winston';

export { systemClock } from '../../src/core/clock.ts';
export { LineQueue } from '../../src/logging/line-queue.ts';
export { rotatedFile } from '../../src/logging/rotated-file.ts';
export { streamDestination } from '../../src/logging/stream-destination.ts';
export { queuedTransport } from '../../src/logging/winston.ts';
