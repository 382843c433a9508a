/**
 * What the whole agent costs: CPU and memory of `healthd run` with six inputs, writing a gzip batch to a local sink every
 * 10 s, against prometheus-node-exporter scraped at the same interval for the same six collectors, against Telegraf, and
 * against a Node process that does nothing. All of them run side by side, so that they see the same machine.
 *
 *   node bench/agent.mjs [--minutes 4] [--interval 1] [--interval 10] [--budget 5000] [--budget 2000000]
 *
 * Prints the minutes after the second one, and of a run of 20 minutes or more also the last ten: V8 compiles for a while.
 * A run as long as that also watches the memory of an agent with all default inputs and three outputs.
 *
 * `--budget` adds a healthd with another interrupt budget of V8 than the default. `TELEGRAF=path` names the
 * binary of a Telegraf, `BASE=path` the cli.js of another build of healthd, and `SYSTEMINFORMATION=1` adds the same inputs
 * through that package, which starts 35 processes a second and disturbs all others.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { median } from './support/compare.mjs';
import {
  startBareNode,
  startExporter,
  startHealthd,
  startSystemInformation,
  startTelegraf,
} from './support/contenders.mjs';
import { cpuSeconds, mainThreadSeconds, residentBytes } from './support/process.mjs';
import { startSink } from './support/sink.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '4' },
    interval: { type: 'string', multiple: true, default: ['1'] },
    budget: { type: 'string', multiple: true, default: [] },
  },
});
const MINUTES = Number(values.minutes);
/** A run that is shorter than usual begins to count after a quarter. */
const WARM_UP = Math.min(2, MINUTES / 4);
const IS_LONG = MINUTES >= 20;
const EXPORTER_PORT = 19_187;
const { TELEGRAF, BASE, SYSTEMINFORMATION } = process.env;

const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const sink = await startSink();
const contenders = values.interval.flatMap((interval) => contendersAt(Number(interval)));

function contendersAt(interval) {
  const group = `${interval} s`;
  const { url } = sink;
  const at = (name) => join(folder, `${interval} ${name}`.replaceAll(/\W+/g, '-'));
  const contender = (name, child) => ({ group, name, child, samples: [] });
  const agent = (name, options) => contender(name, startHealthd({ folder: at(name), url, interval, ...options }));
  return [
    agent('healthd', {}),
    ...values.budget.map((budget) => agent(`healthd, budget ${budget}`, { budget })),
    ...(BASE === undefined ? [] : [agent('healthd, other build', { cli: BASE })]),
    ...(TELEGRAF === undefined
      ? []
      : [contender('Telegraf', startTelegraf({ folder: at('telegraf'), url, interval, command: TELEGRAF }))]),
    contender('node_exporter, scraped', startExporter({ port: EXPORTER_PORT + interval, interval })),
    ...(SYSTEMINFORMATION === undefined ? [] : [contender('systeminformation', startSystemInformation({ url }))]),
    ...(IS_LONG ? [agent('healthd, default inputs, 3 outputs', { isFull: true })] : []),
    contender('bare node', startBareNode()),
  ];
}

const STEP = 1 / 6;
try {
  for (let minute = 0; minute <= MINUTES + STEP / 2; minute += STEP) {
    for (const { child, samples } of contenders) {
      if (child.pid === undefined || child.exitCode !== null) continue;
      const { pid } = child;
      samples.push({ minute, cpu: cpuSeconds(pid), main: mainThreadSeconds(pid), resident: residentBytes(pid) / 1e6 });
    }
    await sleep(STEP * 60_000);
  }
  for (const interval of values.interval) {
    const group = contenders.filter((each) => each.group === `${interval} s`);
    print(`Every ${interval} s, minutes ${WARM_UP} to ${Math.min(4, MINUTES)}`, group, WARM_UP, Math.min(4, MINUTES));
    if (IS_LONG) print(`Every ${interval} s, minutes ${MINUTES - 10} to ${MINUTES}`, group, MINUTES - 10, MINUTES);
    if (IS_LONG) printGrowth(group);
  }
} finally {
  await Promise.all(contenders.map(({ child }) => stop(child)));
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
}

async function stop(child) {
  if (child.exitCode !== null || !child.kill('SIGTERM')) return;
  await once(child, 'exit');
}

function print(title, group, from, to) {
  const rows = group.flatMap(({ name, samples }) => {
    const within = samples.filter(({ minute }) => minute >= from - STEP / 2 && minute <= to + STEP / 2);
    const [first, last] = [within[0], within.at(-1)];
    if (first === undefined || last.minute < to - STEP) return [];
    const share = (key) => (100 * (last[key] - first[key])) / (60 * (last.minute - first.minute));
    return [{ name, cpu: share('cpu'), main: share('main'), resident: median(within.map((each) => each.resident)) }];
  });
  const [ours] = rows;
  console.log(`\n${title}`);
  console.log(`${''.padEnd(36)}CPU % of a core   main thread   healthd / it   resident MB`);
  for (const { name, cpu, main, resident } of rows) {
    const columns = [
      cpu.toFixed(3).padStart(15),
      main.toFixed(3).padStart(13),
      (ours.cpu / cpu).toFixed(2).padStart(14),
      resident.toFixed(1).padStart(13),
    ];
    console.log(name.padEnd(36) + columns.join(''));
  }
}

/** Between minutes 10 to 15 and the last ten, by the medians. */
function printGrowth(group) {
  console.log(`\nGrowth of resident memory, minutes 10 to 15 to minutes ${MINUTES - 10} to ${MINUTES}`);
  for (const { name, samples } of group.filter((each) => each.name.startsWith('healthd'))) {
    const middle = (from, to) =>
      median(samples.filter(({ minute }) => minute >= from && minute <= to).map(({ resident }) => resident));
    console.log(`${name.padEnd(36)}${(middle(MINUTES - 10, MINUTES) - middle(10, 15)).toFixed(1).padStart(15)} MB`);
  }
}
