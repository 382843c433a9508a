import { expect, test } from '@jest/globals';

import {
  defineInput,
  defineNotifier,
  defineOutput,
  defineProcessor,
  PermanentError,
  TargetError,
  titleOf,
  z,
  type Accumulator,
  type Metric,
} from '../../src/plugin/index.ts';
import { manualClock, testInput, testNotifier, testOutput, testProcessor } from '../../src/testing.ts';

const metric = (name: string): Metric => ({ name, tags: { host: 'h' }, fields: { v: 1 }, time: 1n });

test('U-034: testProcessor gives what replaces a metric, and throws for what is none', async () => {
  const held: Metric[] = [];
  const plugin = defineProcessor({
    name: 'pick',
    summary: '',
    config: z.strictObject({ twice: z.string() }),
    create: ({ twice }) => ({
      process(given) {
        if (given.name === 'bad') return { hello: 1 } as unknown as Metric;
        if (given.name === 'later') held.push(given);
        return given.name === twice ? [given, given] : given.name === 'kept' ? given : undefined;
      },
      flush: (_now, final) => (final ? held : []),
    }),
  });
  const pick = await testProcessor(plugin, { twice: 'two' });
  const names = ['kept', 'two', 'later'].map((name) => pick.process(metric(name)).map((each) => each.name));
  expect(names).toEqual([['kept'], ['two', 'two'], []]);
  expect([pick.flush(), pick.flush(0, true)]).toEqual([[], held]);
  expect(() => pick.process(metric('bad'))).toThrow('process returned { hello: 1 }, which is no metric');
  await pick.stop();
  await expect(testProcessor(plugin, {} as never)).rejects.toThrow(/twice/);
});

test('U-034: testOutput writes metrics as a batch, and passes on the error that decides about it', async () => {
  const written: string[] = [];
  const plugin = defineOutput({
    name: 'sink',
    summary: '',
    config: z.strictObject({}),
    create: () => ({
      write(batch) {
        written.push(Buffer.from(batch.lines).toString());
        return batch.size > 2 ? Promise.reject(new PermanentError('too many')) : Promise.resolve();
      },
    }),
  });
  const sink = await testOutput(plugin, {});
  await sink.write([metric('a'), metric('b')]);
  expect(written).toEqual(['a,host=h v=1 1\nb,host=h v=1 1\n']);
  await expect(sink.write([metric('a'), metric('b'), metric('c')])).rejects.toThrow(PermanentError);
  await sink.stop();
});

test('U-034: testNotifier sends a firing and a resolved notification, and passes on the error', async () => {
  const sent: string[] = [];
  let isStopped = false;
  const plugin = defineNotifier({
    name: 'chat',
    summary: '',
    config: z.strictObject({ room: z.string() }),
    create: ({ room }) => ({
      notify(notification) {
        sent.push(`${room}: ${titleOf(notification)}`);
        return room === 'gone' ? Promise.reject(new TargetError('no such room')) : Promise.resolve();
      },
      stop() {
        isStopped = true;
      },
    }),
  });
  const chat = await testNotifier(plugin, { room: 'ops' }, { clock: manualClock(), hostname: 'web1' });
  await chat.notify();
  await chat.notify(chat.resolved);
  expect(sent).toEqual([expect.stringMatching(/^ops: .*WARNING.*/), expect.stringMatching(/^ops: .*RESOLVED.*/i)]);
  await chat.stop();
  expect(isStopped).toBe(true);
  const gone = await testNotifier(plugin, { room: 'gone' });
  await expect(gone.notify()).rejects.toThrow(TargetError);
  const broken = defineNotifier({ ...plugin, create: () => ({}) as never });
  await expect(testNotifier(broken, { room: 'ops' })).rejects.toThrow('has no function "notify"');
});

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
