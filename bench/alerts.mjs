/**
 * What judging costs: 100 rules over a stream of points against parsing those points, and the memory of windows.
 *
 *   npm run build && node --expose-gc bench/alerts.mjs
 *
 * Claims: 100 rules that all are about each host take no more than 1.7 times as long as parsing (each point is judged
 * 2.6 times; the states of thousands of alerts are more than the caches of a processor hold, and that binds); 10,000
 * windows of 5 minutes at 10 s stay below 40 MB.
 */
import { loadSource } from '../scripts/load-source.mjs';

import { claim, median } from './support/compare.mjs';
import { telegrafMetrics } from './support/telegraf-metrics.mjs';

const { Engine, compileRules, formatLine, internTags, memoryAlertStore, parseLines, ruleSchema } =
  await loadSource('bench/support/alerts.ts');

const START = 1_700_000_000_000;
const MB = 1e6;
/** Of one host. */
const LINES = 38;
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
const known = { catalogs: [catalog], others: 'fields', providers: new Map(), nearest: () => undefined };

async function engineWith(written) {
  const { rules, problems } = await compileRules({
    defaults: 'off',
    thresholds: undefined,
    rules: written.map((rule) => ruleSchema().parse(rule)),
    known,
  });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  let events = 0;
  const onEvent = () => (events += 1);
  const settings = { maxSeriesPerRule: 20_000 };
  const engine = new Engine({ rules, settings, clock, store: memoryAlertStore(), onEvent, log: silent });
  return { engine, events: () => events };
}

await judging(27);
await judging(270);
await windows();

/**
 * 100 rules that all are about each host: on its 38 lines they judge 100 times a gather. Three quarters are a plain
 * limit with a time to wait; the others have a window of a minute, or a condition on a second field.
 */
function hundredRules(lines) {
  return Array.from({ length: 100 }, (_, rule) => {
    const { name, tags, fields } = lines[rule % lines.length];
    // What tells the lines of one host apart; the rest names the host.
    const { host: _host, engine_host: _engine, dc: _dc, ...where } = tags;
    const numbers = Object.keys(fields).filter((field) => typeof fields[field] !== 'string');
    const [field, other] = [0, 1].map((next) => numbers[(Math.floor(rule / lines.length) + next) % numbers.length]);
    return {
      id: `rule${rule}`,
      metric: `${name}.${field}`,
      where,
      above: { warning: { at: 1e18, clear: 9e17 }, critical: { at: 2e18, clear: 1e18 } },
      for: '1m',
      ...(rule % 8 === 0 ? { window: { of: '1m', fn: 'mean' } } : {}),
      ...(rule % 8 === 4 ? { and: { metric: `${name}.${other}`, above: -1 } } : {}),
    };
  });
}

/** 100,000 points or a little more, gather by gather: parsed, given interned tags as the agent does anyway, judged. */
async function judging(hosts) {
  const metrics = telegrafMetrics(hosts * LINES, hosts);
  const { engine, events } = await engineWith(hundredRules(metrics.slice(0, LINES)));
  const lines = metrics.map((metric) => formatLine(metric).replace(/ \d+\n?$/, ''));
  const gathers = Math.ceil(100_000 / lines.length);
  const gather = () => {
    now += 10_000;
    return Buffer.from(lines.map((line) => `${line} ${now}000000\n`).join(''));
  };
  const times = { parse: [], judge: [] };
  // The first rounds warm up and are not counted.
  for (let round = -2; round < 9; round += 1) {
    const spent = { parse: 0, judge: 0 };
    for (let count = 0; count < gathers; count += 1) {
      const text = gather();
      const start = performance.now();
      const parsed = parseLines(text).metrics;
      const end = performance.now();
      const interned = parsed.map((metric) => ({ ...metric, tags: internTags(metric.tags) }));
      const from = performance.now();
      for (const metric of interned) engine.observe(metric);
      spent.judge += performance.now() - from;
      spent.parse += end - start;
    }
    if (round < 0) continue;
    times.parse.push(spent.parse);
    times.judge.push(spent.judge);
  }
  const points = gathers * lines.length;
  const [parse, judge] = [median(times.parse), median(times.judge)];
  const alerts = engine.summaries().length;
  const each = (alerts / lines.length).toFixed(2);
  console.log(
    `${points} points of ${lines.length} series of ${hosts} hosts, ${alerts} alerts (${each} a point), ${events()} events`,
  );
  if (alerts !== hosts * 100) throw new Error('Not every rule is about each host');
  for (const [name, ms] of Object.entries({ parse, judge })) {
    console.log(
      `  ${name} ${ms.toFixed(1).padStart(7)} ms  ${((ms / points) * 1e6).toFixed(0).padStart(5)} ns a point`,
    );
  }
  claim(`parsing / judging, ${hosts} hosts`, parse / judge, 0.6);
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
