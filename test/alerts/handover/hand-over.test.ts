/**
 * The promise of alerts across agent and hub: a receiver that got a firing notification gets exactly one resolved one, from one of them.
 * `SEED` repeats known schedules, `SCHEDULES` says how many.
 */
import { createHmac } from 'node:crypto';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { command, HandOver, type Mutation } from './hand-over-model.ts';

const numRuns = Number(process.env['SCHEDULES'] ?? 400);

async function check(mutation: Mutation, runs: number): Promise<void> {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`Schedules of hand-overs: SEED=${seed}\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 3, maxLength: 25 }), async (commands) => {
      const model = new HandOver(mutation);
      for (const each of commands) await model.run(each);
      await model.rest();
      if (model.violations[0] !== undefined) throw model.violations[0];
    }),
    { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === undefined },
  );
}

test(`one of agent and hub notifies, and ends what it has begun, in ${numRuns} schedules`, async () => {
  await check({}, numRuns);
}, 3_600_000);

/** Of the pager, as the addresses of receivers are hashed. */
function hashOf(name: string, key: string): string {
  return createHmac('sha256', key).update(`fake ${name}`).digest('hex');
}

const MUTATIONS: readonly (readonly [string, Mutation])[] = [
  [
    'agent and hub both notify',
    {
      desk: (desk) => {
        desk.heldUntil = () => -Infinity;
      },
    },
  ],
  [
    'the hub does not learn that the agent notifies',
    {
      message: (message) => ({
        ...message,
        alerts: message.alerts.map((alert) => ({ ...alert, isDelivered: false, told: [] })),
      }),
    },
  ],
  [
    'the end is lost when an alert is handed over',
    {
      message: (message, key) => ({
        ...message,
        alerts: message.alerts.map((alert) => ({ ...alert, told: [{ hash: hashOf('pager', key), ageMs: 0 }] })),
      }),
    },
  ],
  ['the agent does not hear what was ended at the hub', { answer: (answer) => ({ ...answer, resolutions: [] }) }],
  ['the hub forgets on its restart', { hubForgets: true }],
];

test.each(MUTATIONS)('the model notices when %s', async (_, mutation) => {
  await expect(check(mutation, 2000)).rejects.toThrow();
});
