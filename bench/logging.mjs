/**
 * What a stuck transport does to the others, and to the agent: 20,000 lines at 50 every 5 ms, through a stream, a file and
 * one that never takes a line; against the same without the stuck one, and against winston's own transports beside one that
 * never calls back. The sources are bundled here, so it needs no build.
 *
 *   node bench/logging.mjs [lines, default 20000]
 *
 * Claims: the event loop is never held for 20 ms, and stream and file get every line, in order.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadSource } from '../scripts/load-source.mjs';
import { claimAtMost } from './support/interleave.mjs';

const { LineQueue, queuedTransport, rotatedFile, streamDestination, systemClock, winston } =
  await loadSource('bench/support/logging.ts');

const LINES = Number(process.argv[2] ?? 20_000);
const [AT_ONCE, EVERY_MS] = [50, 5];
const MESSAGE = Symbol.for('message');
const expected = Array.from(
  { length: LINES },
  (_, i) => `2026-01-01T00:00:00.000Z info  [inputs.cpu] Gathered metrics=${i} in 1.234 ms`,
);

const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
try {
  console.log('transports                          worst delay   p99     stream gets   file gets');
  // Not counted: it compiles.
  await queued('warm-up', []);
  const healthy = await queued('stream, file', []);
  const stuck = await queued('stream, file, stuck', [{ write: () => new Promise(() => undefined) }]);
  await plain("winston's own, with a stuck one");
  console.log();
  for (const [name, { delay, isComplete }] of Object.entries({ healthy, stuck })) {
    claimAtMost(`worst delay of the event loop, ${name}`, delay, 20, ' ms');
    console.log(`${isComplete ? 'ok  ' : 'FAIL'} stream and file got every line, in order, ${name}`);
    if (!isComplete) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// The stuck transports never end.
process.exit();

/** @param {object[]} more destinations */
async function queued(name, more) {
  const { stream, path, received } = places(name);
  const file = rotatedFile({ path, maxSize: 1e9, keep: 1, gzip: true });
  const queues = [streamDestination(stream), file, ...more].map(
    (destination) =>
      new LineQueue({
        destination,
        notice: (dropped) => `${dropped} dropped`,
        report: (error) => console.error(error),
        clock: systemClock,
      }),
  );
  const logger = loggerOf(queues.map(queuedTransport));
  return report(name, await measure(logger, () => Promise.all(queues.map((queue) => queue.close()))), path, received);
}

/** What happens without the queues. */
async function plain(name) {
  const { stream, path, received } = places(name);
  const logger = loggerOf([
    new winston.transports.Stream({ stream }),
    new winston.transports.File({ filename: path }),
    new winston.Transport({ log: () => undefined }),
  ]);
  report(name, await measure(logger, () => sleep(500)), path, received);
}

function places(name) {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      setImmediate(done);
    },
  });
  return { stream, path: join(folder, `${name.replace(/\W+/g, '-')}.log`), received: () => linesOf(text) };
}

function loggerOf(transports) {
  const format = { transform: (info) => Object.assign(info, { [MESSAGE]: info.message }) };
  return winston.createLogger({ format, transports });
}

async function measure(logger, settle) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let i = 0; i < LINES; i += AT_ONCE) {
    for (const line of expected.slice(i, i + AT_ONCE)) logger.info(line);
    await sleep(EVERY_MS);
  }
  delay.disable();
  await settle();
  return { worst: delay.max / 1e6, p99: delay.percentile(99) / 1e6 };
}

function report(name, { worst, p99 }, path, received) {
  const [stream, file] = [received(), linesOf(readFileSync(path, 'utf8'))];
  if (name !== 'warm-up')
    console.log(
      [
        name.padEnd(36),
        `${worst.toFixed(1)} ms`.padStart(11),
        `${p99.toFixed(1)} ms`.padStart(9),
        String(stream.length).padStart(12),
        String(file.length).padStart(12),
      ].join(''),
    );
  const isSame = (lines) => lines.length === LINES && lines.every((line, i) => line === expected[i]);
  return { delay: worst, isComplete: isSame(stream) && isSame(file) };
}

function linesOf(text) {
  return text.split('\n').slice(0, -1);
}
