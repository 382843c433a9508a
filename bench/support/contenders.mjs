/** Agents that collect the same from this host: how each is configured and started. All send to one sink, which throws away. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const healthd = join(import.meta.dirname, '../../dist/cli.js');
const INPUTS = ['cpu', 'mem', 'disk', 'diskio', 'net', 'system'];
const COLLECTORS = ['cpu', 'meminfo', 'filesystem', 'diskstats', 'netdev', 'loadavg'];

/** @param {number} interval seconds */
export function startHealthd({ folder, url, interval, cli = healthd, budget, isFull = false }) {
  mkdirSync(folder);
  const influxdb = `{ influxdb: { url: "${url}", database: telegraf, skip_database_creation: true } }`;
  const others = `, { file: { path: ${folder}/metrics.lp, rotate: { size: 1MiB } } }, { prometheus: { listen: "127.0.0.1:0" } }`;
  const config = join(folder, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { interval: ${interval}s, flush_interval: 10s, state_dir: ${folder} }
${isFull ? '' : `inputs: [${INPUTS.join()}]`}
outputs: [${influxdb}${isFull ? others : ''}]
`,
  );
  const flags = budget === undefined ? [] : [`--interrupt-budget=${budget}`];
  return start(process.execPath, [...flags, cli, 'run', '--config', config, '--log-level', 'warn']);
}

/** Configured as healthd is by default: `collection_jitter` 0, gzip, one batch each 10 s. */
export function startTelegraf({ folder, url, interval, command }) {
  mkdirSync(folder);
  const config = join(folder, 'telegraf.conf');
  writeFileSync(
    config,
    `[agent]
interval = "${interval}s"
flush_interval = "10s"
${INPUTS.map((name) => `[[inputs.${name}]]`).join('\n')}
[[outputs.influxdb]]
urls = ["${url}"]
skip_database_creation = true
content_encoding = "gzip"
`,
  );
  return start(command, ['--config', config, '--quiet']);
}

/** Scraped over a kept connection, as Prometheus does. */
export function startExporter({ port, interval }) {
  const child = start('prometheus-node-exporter', [
    '--collector.disable-defaults',
    ...COLLECTORS.map((name) => `--collector.${name}`),
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]);
  const scraping = setInterval(() => {
    fetch(`http://127.0.0.1:${port}/metrics`).then(
      (response) => response.text(),
      (error) => console.error(`scrape: ${error.message}`),
    );
  }, 1000 * interval);
  child.once('exit', () => clearInterval(scraping));
  return child;
}

export function startSystemInformation({ url }) {
  return start(process.execPath, [join(import.meta.dirname, 'systeminformation-agent.mjs'), url]);
}

export function startBareNode() {
  return start(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
}

function start(command, args, environment = {}) {
  const env = { ...process.env, ...environment };
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  child.on('error', (error) => console.error(`${command}: ${error.message}`));
  return child;
}
