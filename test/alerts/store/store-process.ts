/**
 * A process with a store on disk, for tests that kill it or fill its disk. Commands on standard input, one per line: `put N`
 * writes number N, `run` writes numbers as fast as it can. Output: `has N,N,…` at the start, `done N` after each write, and
 * `log LEVEL: TEXT`.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { openAlertStore } from '../../../src/alerts/store/sqlite-store.ts';
import { systemClock } from '../../../src/core/clock.ts';

const say = (line: string) => writeSync(1, `${line}\n`);
const at = (level: string) => (text: string) => say(`log ${level}: ${text}`);
const store = openAlertStore({
  directory: process.argv[2]!,
  log: { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') },
  clock: systemClock,
  onEntry() {},
});
const [states, facts] = [store.collection('states'), store.collection('facts')];

function put(number: number): void {
  store.transaction(() => {
    states.put(String(number), { number, filler: 'x'.repeat(500) });
    facts.put(String(number), number);
    if (number > 0) facts.delete(String(number - 1));
    store.audit({ at: systemClock.now(), kind: 'agent', reason: 'test', detail: { number } });
  });
  say(`done ${number}`);
}

say(
  `has ${states
    .entries()
    .map(([key]) => key)
    .join()}`,
);
for await (const line of createInterface({ input: process.stdin })) {
  const [command, number] = line.split(' ');
  if (command === 'put') put(Number(number));
  else for (let next = states.entries().length; ; next += 1) put(next);
}
store.close();
