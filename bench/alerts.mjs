/**
 * What judging costs: 100 rules over a stream of points against parsing those points, and the memory of windows.
 *
 *   npm run build && node --expose-gc bench/alerts.mjs
 *
 * Claims: judging takes less time than parsing for 1,000 series, and not twice as much for 10,000; 10,000 windows of 5 minutes at 10 s stay below 40 MB.
 */
import { loadSource } from '../scripts/load-source.mjs';

import { claim, median } from './support/compare.mjs';

const { Engine, compileRules, internTags, memoryAlertStore, parseLines, ruleSchema } =
  await loadSource('bench/support/alerts.ts');

const START = 1_700_000_000_000;
const MB = 1e6;
const silent = { error() {}, warn() {}, info() {}, debug() {} };

let now = START;
const clock = {
  now: () => now,
  elapsed: () => now - START,
  after: () => () => undefined,
  sleep: () => Promise.resolve(),
};

const catalog = {
  bench: {
    fields: { value: { type: 'float', help: 'A value', unit: 'percent' }, other: { type: 'float', help: 'Another' } },
  },
};
const known = { catalogs: [catalog], others: 'none', providers: new Map(), nearest: () => undefined };

async function engineWith(written) {
  const { rules, problems } = await compileRules({
    defaults: 'off',
    thresholds: undefined,
    rules: written.map((rule) => ruleSchema.parse(rule)),
    known,
  });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  let events = 0;
  const onEvent = () => (events += 1);
  const settings = { maxSeriesPerRule: 20_000 };
  const engine = new Engine({ rules, settings, clock, store: memoryAlertStore(), onEvent, log: silent });
  return { engine, events: () => events };
}

claim('judging / parsing, 1,000 series', await judging(1000), 1);
// Beyond the caches of the processor the memory decides: each series has state that its sample has to find.
claim('judging / parsing, 10,000 series', await judging(10_000), 0.6);
await windows();

/**
 * 100,000 points; each series is judged by one of 100 rules, as on real hosts.
 *
 * @returns how often as long parsing them takes
 */
async function judging(SERIES) {
  const [RULES, POINTS] = [100, 100_000];
  const { engine, events } = await engineWith(
    Array.from({ length: RULES }, (_, rule) => ({
      id: `rule${rule}`,
      metric: 'bench.value',
      where: { shard: String(rule) },
      above: { warning: { at: 90, clear: 80 }, critical: { at: 97, clear: 92 } },
      for: '1m',
      ...(rule % 4 === 0 ? { window: { of: '1m', fn: 'mean' } } : {}),
      ...(rule % 4 === 1 ? { and: { metric: 'bench.other', above: 5 } } : {}),
    })),
  );
  const lines = Array.from({ length: SERIES }, (_, id) => {
    const value = (30 + Math.random() * 50).toFixed(3);
    return `bench,host=web1,shard=${id % RULES},id=${id} value=${value},other=${(Math.random() * 10).toFixed(2)} `;
  });
  const second = () => {
    now += 1000;
    return Buffer.from(`${lines.map((line) => `${line}${now}000000`).join('\n')}\n`);
  };
  const times = { parse: [], judge: [] };
  // The very points that were parsed are judged. The first rounds warm up the compiler and are not counted.
  for (let round = -3; round < 12; round += 1) {
    const texts = Array.from({ length: POINTS / SERIES }, second);
    globalThis.gc();
    const start = performance.now();
    const parsed = texts.map((text) => parseLines(text).metrics);
    const parsing = performance.now() - start;
    // The agent does so with every metric, whether there are rules or not.
    const metrics = parsed.flat().map((metric) => ({ ...metric, tags: internTags(metric.tags) }));
    globalThis.gc();
    const from = performance.now();
    for (const metric of metrics) engine.observe(metric);
    const judging = performance.now() - from;
    if (round < 0) continue;
    times.parse.push(parsing);
    times.judge.push(judging);
  }
  const [parse, judge] = [median(times.parse), median(times.judge)];
  console.log(`${POINTS} points of ${SERIES} series, ${RULES} rules`);
  for (const [name, ms] of Object.entries({ parse, judge })) {
    console.log(
      `  ${name} ${ms.toFixed(1).padStart(7)} ms  ${((ms / POINTS) * 1e6).toFixed(0).padStart(5)} ns a point`,
    );
  }
  console.log(`  ${events()} events`);
  return parse / judge;
}

/** Resident memory in a process of its own would count the same; the heap and its buffers are told apart from noise. */
async function windows() {
  const [SERIES, MINUTES, INTERVAL] = [10_000, 6, 10_000];
  const metrics = Array.from({ length: SERIES }, (_, id) => ({
    name: 'bench',
    tags: { host: 'web1', id: String(id) },
  }));
  const feed = (engine) => {
    for (let sample = 0; sample < (MINUTES * 60_000) / INTERVAL; sample += 1) {
      now += INTERVAL;
      for (const { name, tags } of metrics) {
        engine.observe({ name, tags, fields: { value: 50 + Math.random() }, time: BigInt(now) * 1_000_000n });
      }
      engine.tick();
    }
  };
  const used = () => {
    globalThis.gc();
    globalThis.gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const rule = { id: 'windowed', metric: 'bench.value', window: { of: '5m', fn: 'mean' }, above: { warning: 90 } };
  const before = used();
  const { engine, events } = await engineWith([rule]);
  feed(engine);
  const bytes = used() - before;
  engine.tick();
  console.log(`${SERIES} series, each in a window of 5 minutes at 10 s`);
  console.log(
    `  ${(bytes / MB).toFixed(1)} MB, ${Math.round(bytes / SERIES)} bytes a series and rule, ${events()} events`,
  );
  claim('40 MB / what they take', (40 * MB) / bytes, 1);
}
