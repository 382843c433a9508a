/**
 * What the whole agent costs: CPU and memory of `healthd run` with six inputs at 1 s, writing gzip batches to a local
 * sink, against prometheus-node-exporter scraped each second for the same six collectors, against the same through the
 * systeminformation package, and against a Node process that does nothing. All of them run side by side, so that they
 * see the same machine.
 *
 *   node bench/agent.mjs [seconds, default 120]
 *
 * Claims: CPU below the exporter's; at most a fifteenth of systeminformation's; resident memory at most 1.5 times that
 * of the bare process.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { cpuSeconds, residentBytes } from './support/process.mjs';
import { startSink } from './support/sink.mjs';

const SECONDS = Number(process.argv[2] ?? 120);
const WARM_UP_MS = 10_000;
const healthd = join(import.meta.dirname, '../dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const sink = await startSink();

const EXPORTER_PORT = 19_187;
const COLLECTORS = ['cpu', 'meminfo', 'filesystem', 'diskstats', 'netdev', 'loadavg'];

writeFileSync(
  join(folder, 'healthd.yaml'),
  `agent: { interval: 1s, flush_interval: 10s, state_dir: ${folder} }
inputs: [cpu, mem, disk, diskio, net, system]
outputs: [{ influxdb: { url: "${sink.url}", database: telegraf, skip_database_creation: true } }]
`,
);

const contenders = {
  healthd: start(process.execPath, [healthd, 'run', '--config', join(folder, 'healthd.yaml'), '--log-level', 'warn']),
  systeminformation: start(process.execPath, [
    join(import.meta.dirname, 'support/systeminformation-agent.mjs'),
    sink.url,
  ]),
  'bare node': start(process.execPath, ['-e', 'setInterval(() => {}, 1000)']),
  'node_exporter, scraped': start('prometheus-node-exporter', [
    '--collector.disable-defaults',
    ...COLLECTORS.map((name) => `--collector.${name}`),
    `--web.listen-address=127.0.0.1:${EXPORTER_PORT}`,
  ]),
};

function start(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  child.on('error', (error) => console.error(`${command}: ${error.message}`));
  return child;
}

const scraping = setInterval(() => {
  fetch(`http://127.0.0.1:${EXPORTER_PORT}/metrics`).then(
    (response) => response.text(),
    (error) => console.error(`scrape: ${error.message}`),
  );
}, 1000);

try {
  await sleep(WARM_UP_MS);
  const running = Object.entries(contenders).filter(([, child]) => child.pid !== undefined && child.exitCode === null);
  const before = new Map(running.map(([name, child]) => [name, cpuSeconds(child.pid)]));
  const received = sink.received();
  await sleep(SECONDS * 1000);
  const rows = running.map(([name, child]) => ({
    name,
    cpu: cpuSeconds(child.pid) - before.get(name),
    rss: residentBytes(child.pid),
  }));
  const ours = rows.find(({ name }) => name === 'healthd');
  console.log(
    `${SECONDS} s at one gather a second; the sink took ${sink.received() - received} gzip bodies from healthd and systeminformation\n`,
  );
  console.log('agent                     CPU s   % of a core   healthd / it     RSS MB   healthd / it');
  for (const { name, cpu, rss } of rows) {
    console.log(
      [
        name.padEnd(24),
        cpu.toFixed(3).padStart(7),
        ((100 * cpu) / SECONDS).toFixed(3).padStart(12),
        (ours.cpu / cpu).toFixed(2).padStart(15),
        (rss / 1e6).toFixed(1).padStart(11),
        (ours.rss / rss).toFixed(2).padStart(14),
      ].join(''),
    );
  }
} finally {
  clearInterval(scraping);
  for (const child of Object.values(contenders)) child.kill('SIGTERM');
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
}
