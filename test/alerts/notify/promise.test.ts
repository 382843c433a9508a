/**
 * The promise of alerts: every receiver that got a firing notification gets exactly one resolved notification, whatever
 * happens in between. `npm run test:promise` runs 100,000 schedules, `SEED` known ones, and `SHRINK=1` finds the shortest.
 */
import { test } from '@jest/globals';
import fc from 'fast-check';

import { command, Schedule, setting } from './promise-model.ts';

const numRuns = Number(process.env['SCHEDULES'] ?? 2000);

test(`every receiver that heard of an alert hears of its end, once, in ${numRuns} schedules`, async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`Schedules of notifications: SEED=${seed}\n`);
  await fc.assert(
    fc.asyncProperty(setting, fc.array(command, { minLength: 3, maxLength: 30 }), async (given, commands) => {
      const schedule = new Schedule(given);
      for (const each of commands) await schedule.run(each);
      await schedule.rest();
      if (schedule.violations[0] !== undefined) throw schedule.violations[0];
    }),
    { numRuns, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
}, 3_600_000);
