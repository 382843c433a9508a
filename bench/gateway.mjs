/**
 * A gateway: gzip in by InfluxDB's write API, a filter, the journal, gzip out to a sink. Against databases that ingest the same bodies:
 * Debian's InfluxDB 1.6 and VictoriaMetrics. Needs `npm run build`, and Debian's `influxdb` and `victoria-metrics`.
 *
 *   node bench/gateway.mjs [--lines 600000]
 *
 * Lines for a second of processor time of all threads, from the first request until a server is idle: what it does later belongs to it.
 * Claims: at least 3 times those of InfluxDB.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

import { claim, median } from './support/compare.mjs';
import { cpuSeconds } from './support/process.mjs';
import { startSinkProcess } from './support/sink-process.mjs';

const { values: options } = parseArgs({ options: { lines: { type: 'string', default: '600000' } } });
const LINES_PER_BODY = 5000;
const BODIES = Math.ceil(Number(options.lines) / LINES_PER_BODY);
const ROUNDS = 3;
/** As many agents write at once. */
const CONNECTIONS = 4;
/** A server that has used less of a core for so long is idle. */
const IDLE = { share: 0.02, ms: 3000, most: 60_000 };
const HOSTS = 100;
const PORT = 21_000 + Math.floor(Math.random() * 9000);

const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const sink = await startSinkProcess('reading');
/** Later rounds go on in time. */
let time = 1_700_000_000;

const contenders = {
  'healthd as a gateway': { port: PORT, start: startGateway, lines: () => sink.lines() },
  'InfluxDB 1.6': { port: PORT + 1, start: startInfluxdb },
  VictoriaMetrics: { port: PORT + 2, start: startVictoriaMetrics },
};
const rates = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));

try {
  for (const contender of Object.values(contenders)) {
    contender.child = contender.start(contender.port);
    await untilReady(contender);
  }
  for (let round = -1; round < ROUNDS; round += 1) {
    const bodies = Array.from({ length: BODIES }, () => makeBody((time += 10)));
    for (const [name, contender] of Object.entries(contenders)) {
      const rate = await measure(contender, bodies);
      if (round >= 0) rates[name].push(rate);
    }
  }
  for (const [name, all] of Object.entries(rates))
    console.log(
      `  ${name.padEnd(24)} ${Math.round(median(all)).toLocaleString('en').padStart(10)} lines for a second of CPU`,
    );
  const [gateway, influxdb, victoria] = Object.values(rates).map(median);
  console.log(`  gateway / VictoriaMetrics: ${(gateway / victoria).toFixed(2)}`);
  claim('gateway / InfluxDB, lines for a second of CPU', gateway / influxdb, 3);
} finally {
  for (const { child } of Object.values(contenders))
    if (child !== undefined && child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  sink.close();
  rmSync(folder, { recursive: true, force: true });
}

async function measure({ child, port, lines }, bodies) {
  const taken = (await lines?.()) ?? 0;
  const before = cpuSeconds(child.pid);
  const connection = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const waiting = [...bodies];
  const write = async () => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) await post(port, body, connection);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, write));
  connection.destroy();
  while (lines !== undefined && (await lines()) < taken + BODIES * LINES_PER_BODY) await sleep(50);
  await untilIdle(child.pid);
  return (BODIES * LINES_PER_BODY) / (cpuSeconds(child.pid) - before);
}

function post(port, body, agent) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-encoding': 'gzip', 'content-length': body.length };
    const sent = request({ port, method: 'POST', path: '/write?db=telegraf&precision=s', headers, agent });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      if (response.statusCode === 204) response.on('end', resolve);
      else reject(new Error(`The server at port ${port} answered ${response.statusCode}`));
    });
    sent.end(body);
  });
}

async function untilIdle(pid) {
  for (let waited = 0; waited < IDLE.most; waited += IDLE.ms) {
    const before = cpuSeconds(pid);
    await sleep(IDLE.ms);
    if ((cpuSeconds(pid) - before) * 1000 < IDLE.share * IDLE.ms) return;
  }
}

async function untilReady({ port, child }) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} has ended`);
    try {
      await fetch(`http://127.0.0.1:${port}/ping`);
      return;
    } catch {
      await sleep(100);
    }
  }
}

/** What Telegraf sends of 100 hosts. */
function makeBody(at) {
  const lines = [];
  for (let host = 0; lines.length < LINES_PER_BODY; host = (host + 1) % HOSTS) {
    const tags = `host=web${host},site=fra1`;
    const moment = at + Math.floor(lines.length / HOSTS / 5);
    const some = (scale) => (Math.random() * scale).toFixed(2);
    const whole = (scale) => `${Math.floor(Math.random() * scale)}i`;
    lines.push(
      `cpu,cpu=cpu-total,${tags} usage_user=${some(50)},usage_system=${some(20)},usage_iowait=${some(5)},usage_idle=${some(100)} ${moment}`,
      `mem,${tags} used=${whole(1e10)},available=${whole(1e10)},total=16000000000i,used_percent=${some(100)} ${moment}`,
      `disk,device=sda1,fstype=ext4,path=/,${tags} used=${whole(1e11)},total=100000000000i,used_percent=${some(100)} ${moment}`,
      `net,interface=eth0,${tags} bytes_recv=${whole(1e12)},bytes_sent=${whole(1e12)},err_in=0i,drop_in=0i ${moment}`,
      `system,${tags} load1=${some(4)},load5=${some(4)},load15=${some(4)},n_cpus=4i ${moment}`,
    );
  }
  return gzipSync(`${lines.slice(0, LINES_PER_BODY).join('\n')}\n`, { level: 6 });
}

function startGateway(port) {
  const config = join(folder, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { state_dir: ${folder}/gateway, flush_interval: 1s }
inputs: [{ influxdb_listener: { listen: '127.0.0.1:${port}', drop: { names: [diskio] } } }]
outputs: [{ influxdb: { url: '${sink.url}', database: telegraf, skip_database_creation: true } }]
alerts: { defaults: off }
history: false
server: false
`,
  );
  const program = [join(import.meta.dirname, '../dist/cli.js'), 'run', '--config', config, '--log-level', 'warn'];
  return spawn(process.execPath, program, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function startInfluxdb(port) {
  const config = join(folder, 'influxdb.conf');
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "${folder}/influxdb/meta"
[data]
dir = "${folder}/influxdb/data"
wal-dir = "${folder}/influxdb/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
[monitor]
store-enabled = false
[logging]
level = "error"
`,
  );
  const child = spawn('influxd', ['-config', config], { stdio: ['ignore', 'ignore', 'ignore'] });
  void createDatabase(port);
  return child;
}

async function createDatabase(port) {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      await fetch(`http://127.0.0.1:${port}/query?q=CREATE%20DATABASE%20telegraf`, { method: 'POST' });
      return;
    } catch {
      await sleep(100);
    }
  }
}

function startVictoriaMetrics(port) {
  const flags = [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${folder}/victoria`,
    '-retentionPeriod=100y',
    '-loggerLevel=ERROR',
  ];
  return spawn('victoria-metrics', flags, { stdio: ['ignore', 'ignore', 'ignore'] });
}
