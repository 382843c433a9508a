/**
 * What a frame of processes costs with 300 processes on the machine: CPU time against the bare floor, which lists /proc and
 * reads each stat by `readFileSync`, and how much a day of frames takes in the history. The sources are bundled here, so it
 * needs no build. Linux only.
 *
 *   node bench/processes.mjs [seconds between frames, default 0.25] [frames, default 120]
 *
 * A frame and the floor take turns, each after a pause, as in an agent: a loop would find everything in the processor's caches.
 * A tenth of the added processes wakes ten times a second. Claims: at most 0.35 of the floor, at most 2 MB a day.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadSource } from '../scripts/load-source.mjs';
import { median } from './support/compare.mjs';
import { claimAtMost } from './support/interleave.mjs';

const [SECONDS, FRAMES] = [Number(process.argv[2] ?? 0.25), Number(process.argv[3] ?? 120)];
const PROCESSES = 300;
const FRAMES_A_DAY = 8640;
const FRAMES_AN_HOUR = 360;

const { ProcessCapture, encodeFrames } = await loadSource('bench/support/processes.ts');
const clock = { now: Date.now, elapsed: () => performance.now() };
const isPid = (name) => /^\d+$/.test(name);

const missing = Math.max(0, PROCESSES - readdirSync('/proc').filter(isPid).length);
const crowd = Array.from({ length: missing }, (_, index) =>
  index % 10 === 0
    ? spawn('sh', ['-c', 'while :; do read -t 0.1 nothing <> <(:) || sleep 0.1; done'], {
        stdio: 'ignore',
        detached: true,
      })
    : spawn('sleep', ['900'], { stdio: 'ignore' }),
);
await sleep(1000);

const capture = new ProcessCapture({ proc: '/proc', etc: '/etc', clock });
const floor = () => {
  for (const pid of readdirSync('/proc').filter(isPid)) {
    try {
      readFileSync(`/proc/${pid}/stat`, 'latin1');
    } catch {
      // has ended
    }
  }
};
const frames = [];
const costs = { frame: [], floor: [] };
for (let round = 0; round < FRAMES; round += 1) {
  await sleep(SECONDS * 500);
  costs.floor.push(cpuOf(floor));
  await sleep(SECONDS * 500);
  costs.frame.push(
    cpuOf(() => {
      const frame = capture.capture();
      if (frame !== undefined) frames.push(frame);
    }),
  );
}
capture.close();
for (const child of crowd) child.kill('SIGKILL');

// The first rounds compile.
const [frameMs, floorMs] = [median(costs.frame.slice(20)), median(costs.floor.slice(20))];
const total = median(frames.map((frame) => frame.total));
console.log(`${total} processes, ${frames.at(-1).processes.length} in a frame, load ${loadavg()[0].toFixed(1)}`);
console.log(`  floor  ${floorMs.toFixed(2)} ms of CPU`);
console.log(`  frame  ${frameMs.toFixed(2)} ms of CPU, ${(frameMs / floorMs).toFixed(2)} of the floor`);
// As many frames as an hour has, again and again those that were recorded, one after another: times are the only difference.
const hour = Array.from({ length: FRAMES_AN_HOUR }, (_, index) => ({
  ...frames[index % frames.length],
  at: 1e12 + index * 1e4,
}));
const bytes = encodeFrames(frames).length / frames.length;
console.log(`  ${bytes.toFixed(0)} bytes a frame, ${((bytes * FRAMES_A_DAY) / 1e6).toFixed(2)} MB a day`);
console.log(`  (${(encodeFrames(hour).length / 1000).toFixed(1)} KB for an hour of repeated ones)`);

claimAtMost('CPU time of a frame, of the floor', frameMs / floorMs, 0.35);
claimAtMost('A day in the history', (bytes * FRAMES_A_DAY) / 1e6, 2, ' MB');

function cpuOf(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
