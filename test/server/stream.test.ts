import { expect, test } from '@jest/globals';

import { OWNER } from '../../src/server/access/caller.ts';
import type { EventSink } from '../../src/server/answer.ts';
import { NO_SOURCES, type Sources } from '../../src/server/sources.ts';
import { StreamFanOut } from '../../src/server/stream/fan-out.ts';
import { manualClock } from '../../src/testing.ts';

/** Counts what the fan-out keeps going. */
function watched(sources: Partial<Sources> = {}) {
  const clock = manualClock();
  let [timers, watches] = [0, 0];
  const counting = {
    ...clock,
    after: (ms: number, callback: () => void) => {
      timers += 1;
      return clock.after(ms, () => {
        timers -= 1;
        callback();
      });
    },
  };
  const live = () => ({
    recent: () => [],
    watch: () => {
      watches += 1;
      return () => {
        watches -= 1;
      };
    },
  });
  const fanOut = new StreamFanOut({ ...NO_SOURCES, live, ...sources }, counting);
  return { fanOut, advance: clock.advance, timers: () => timers, watches: () => watches };
}

function reader() {
  const closed = new AbortController();
  const sink: EventSink = {
    send: () => undefined,
    sendAndWait: () => Promise.resolve(),
    isBehind: false,
    closed: closed.signal,
    drop: () => {
      closed.abort();
    },
  };
  return { sink, closed: closed.signal };
}

test('nothing goes on after the token of the last reader has ended', async () => {
  const { fanOut, advance, timers, watches } = watched();
  const { sink, closed } = reader();
  let isValid = true;
  await fanOut.add(sink, { ...OWNER, isValid: () => isValid }, 0);
  advance(1000);
  expect([closed.aborted, timers(), watches()]).toEqual([false, 1, 1]);
  isValid = false;
  advance(1000);
  expect([closed.aborted, timers(), watches()]).toEqual([true, 0, 0]);
});

test('nothing goes on for a reader that could not be served, and the next one is served', async () => {
  let isBroken = true;
  const { fanOut, advance, watches } = watched({
    findings: () => {
      if (isBroken) throw new Error('The findings are broken');
      return undefined;
    },
  });
  await expect(fanOut.add(reader().sink, OWNER, 0)).rejects.toThrow('The findings are broken');
  expect(watches()).toBe(0);
  isBroken = false;
  const { sink, closed } = reader();
  await fanOut.add(sink, OWNER, 0);
  advance(5000);
  expect([closed.aborted, watches()]).toEqual([false, 1]);
});
