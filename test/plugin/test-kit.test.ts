import { expect, test } from '@jest/globals';

import { defineInput, z, type Accumulator } from '../../src/plugin/index.ts';
import { manualClock, testInput } from '../../src/testing.ts';

test('U-022: what the agent only warns of is an error of testInput, at each gather', async () => {
  const careless = defineInput({
    name: 'careless',
    summary: 'Makes mistakes',
    config: z.strictObject({}),
    metrics: { queue: { fields: { depth: { type: 'int', help: 'Jobs waiting' } } } },
    create: () => ({
      gather(acc) {
        const { add } = acc as unknown as Accumulator; // as in plain JavaScript
        add('queue', { depth: 'many', depht: 1 }, { site: 'fra' });
        add('queue', { depth: 1.5 });
        add('job', { depth: NaN });
      },
    }),
  });
  const input = await testInput(careless, {});
  for (let round = 0; round < 2; round += 1) {
    const { errors, metrics } = await input.gather();
    expect(metrics).toHaveLength(2);
    expect(errors.map(({ message }) => message)).toEqual([
      'queue.depth: text in a field declared int; it is left out',
      "queue.depht: the field is not declared in the plugin's metrics",
      'queue: the tag "site" is not declared in the plugin\'s metrics',
      'queue.depth: a fraction in a field declared int; it is rounded',
      "job: the measurement is not declared in the plugin's metrics",
    ]);
  }
  await input.stop();
});

test('a manual clock runs timers only when it is advanced, in the order of their time', async () => {
  const clock = manualClock(1000);
  const calls: string[] = [];
  clock.after(20, () => calls.push('second'));
  clock.after(10, () => calls.push('first'));
  clock.after(15, () => calls.push('cancelled'))();
  const sleep = clock.sleep(20);
  const signal = clock.signal(30);
  clock.advance(20);
  await sleep;
  expect([clock.now(), clock.elapsed(), calls]).toEqual([1020, 20, ['first', 'second']]);
  expect(signal.aborted).toBe(false);
  clock.advance(10);
  expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'Timed out after 30ms' });
});
