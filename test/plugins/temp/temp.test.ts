import { expect, test } from '@jest/globals';

import { temp } from '../../../src/plugins/temp/index.ts';
import { createReader } from '../../../src/plugins/temp/bounded-reader.ts';
import { manualClock, testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(temp);

test('a hanging read times out and is not repeated until it returns', async () => {
  const clock = manualClock();
  const calls: string[] = [];
  const release = new Map<string, (text: string) => void>();
  const read = createReader(clock, (path) => {
    calls.push(path);
    return path.startsWith('/asleep') ? new Promise((resolve) => release.set(path, resolve)) : Promise.resolve('42000');
  });
  const { signal } = new AbortController();
  const first = read('/asleep', signal);
  clock.advance(1000);
  expect(await first).toBeUndefined();
  expect(await read('/asleep', signal)).toBeUndefined();
  expect(await read('/awake', signal)).toBe('42000');

  const second = read('/asleep too', signal);
  clock.advance(1000);
  expect(await second).toBeUndefined();
  // Two threads are occupied; the others are reserved.
  expect(await read('/awake', signal)).toBeUndefined();
  expect(calls).toEqual(['/asleep', '/awake', '/asleep too']);

  release.get('/asleep')!('1000');
  await new Promise(setImmediate);
  expect(await read('/awake', signal)).toBe('42000');
});

test('an abort ends the read', async () => {
  const abort = new AbortController();
  const read = createReader(manualClock(), () => new Promise(() => undefined));
  const pending = read('/asleep', abort.signal);
  abort.abort();
  expect(await pending).toBeUndefined();
});

test('the portable provider reports plausible temperatures, if any', async () => {
  const input = await testInput(temp, { provider: 'portable' });
  const { metrics, errors } = await input.gather();
  await input.stop();
  expect(errors).toEqual([]);
  for (const { tags, fields } of metrics) {
    expect(tags['sensor']).toMatch(/^(cpu|chipset)/);
    expect(fields['temp']).toBeGreaterThan(0);
    expect(fields['temp']).toBeLessThan(150);
  }
});
