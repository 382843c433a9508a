/** The agent on a clock that runs a hundred times as fast. Prints a line after each so many gathers. */
import { builtInPlugins, checkConfig, createAgent } from '../../dist/index.js';

const SPEED = 100;
const [, , url, every] = process.argv;

const start = Date.now();
const elapsed = () => performance.now() * SPEED;
const after = (ms, callback) => {
  const timer = setTimeout(callback, ms / SPEED);
  return () => clearTimeout(timer);
};
const clock = {
  now: () => start + elapsed(),
  elapsed,
  after,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const onAbort = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = after(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort);
    }),
};

const silent = () => {};
const config = await checkConfig(
  {
    agent: { interval: '1s', flush_interval: '10s' },
    // A second lasts ten milliseconds here, which the slowest call may well take.
    inputs: ['cpu', 'mem', 'disk', 'diskio', 'net', 'system'].map((name) => ({ [name]: { timeout: '10m' } })),
    outputs: [{ influxdb: { url, database: 'telegraf', skip_database_creation: true } }],
  },
  { cwd: process.cwd(), environment: {}, registry: builtInPlugins },
);
const agent = createAgent({
  config,
  clock,
  logFor: () => ({ error: console.error, warn: silent, info: silent, debug: silent }),
});
await agent.start();

for (let gathers = Number(every); ; gathers += Number(every)) {
  await new Promise((resolve) => setTimeout(resolve, (start + gathers * 1000 - clock.now()) / SPEED));
  console.log(gathers);
}
