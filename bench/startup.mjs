/**
 * How long it takes to start: `healthd version`, and `healthd run` until the first gather of its inputs is done, against
 * `node -e 0`, in turn.
 *
 *   node bench/startup.mjs [rounds, default 15]
 *
 * Claims: version within 1.5 times, first gather, with the rules and the store of alerts, within 5.5 times.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rounds = Number(process.argv[2] ?? 15);
const healthd = join(import.meta.dirname, '../dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const config = join(folder, 'healthd.yaml');
writeFileSync(
  config,
  `agent: { state_dir: ${folder} }\ninputs: [cpu, mem, disk, diskio, net, system]\noutputs: [discard]\n`,
);

const bare = [];
const version = [];
const firstGather = [];
for (let round = 0; round < rounds; round += 1) {
  bare.push(timed(() => spawnSync(process.execPath, ['-e', '0'])));
  version.push(timed(() => spawnSync(process.execPath, [healthd, 'version'])));
  firstGather.push(await untilStarted());
}
rmSync(folder, { recursive: true });

const floor = median(bare);
console.log(`${rounds} rounds, median, ms`);
console.log(`node -e 0               ${floor.toFixed(0).padStart(6)}`);
console.log(
  `healthd version         ${median(version).toFixed(0).padStart(6)}   ${(median(version) / floor).toFixed(2)} times`,
);
console.log(
  `run, first gather done  ${median(firstGather).toFixed(0).padStart(6)}   ${(median(firstGather) / floor).toFixed(2)} times`,
);

function timed(work) {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** The agent says "Started", with the time, when the first gathers, which are synchronous, have ended. */
function untilStarted() {
  const started = Date.now();
  const child = spawn(process.execPath, [healthd, 'run', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve) => {
    child.stderr.on('data', (text) => {
      const [, time] = /^(\S+) info .*Started/m.exec(String(text)) ?? [];
      if (time === undefined) return;
      const took = Date.parse(time) - started;
      // A process that was killed leaves a lock behind, and the next one waits to see whether somebody else has it.
      child.once('exit', () => {
        resolve(took);
      });
      child.kill('SIGTERM');
    });
  });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
