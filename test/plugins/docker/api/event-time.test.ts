import { expect, test } from '@jest/globals';

import { eventTime, parseEvents } from '../../../../src/plugins/docker/api/events.ts';

async function timeOf(times: string): Promise<number | undefined> {
  const chunks = async function* () {
    await Promise.resolve();
    yield Buffer.from(`{"Type":"container","Action":"die","Actor":{"ID":"a"}${times}}\n`);
  };
  for await (const event of parseEvents(chunks())) return eventTime(event);
  return undefined;
}

test.each([
  ['nanoseconds', ',"time":5,"timeNano":6000000000', 6e9],
  ['seconds', ',"time":5', 5e9],
  ['a text', ',"time":5,"timeNano":{"a":1}', 5e9],
  ['an infinite number', ',"timeNano":1e999,"time":"x"', 0],
])('the time of an event from %s', async (_what, times, time) => {
  expect(await timeOf(times)).toBe(time);
});
