import { expect, test } from '@jest/globals';

import { prepareAll, type Prepared } from '../../src/core/part.ts';

function recorded(log: string[], name: string): () => Promise<Prepared> {
  return () => {
    log.push(`prepare ${name}`);
    return Promise.resolve({
      use: () => Promise.resolve(void log.push(`use ${name}`)),
      discard: () => Promise.resolve(void log.push(`discard ${name}`)),
    });
  };
}

test('preparations are made and used in order', async () => {
  const log: string[] = [];
  const prepared = await prepareAll([recorded(log, 'a'), recorded(log, 'b')]);
  expect(log).toEqual(['prepare a', 'prepare b']);
  await prepared.use();
  expect(log.slice(2)).toEqual(['use a', 'use b']);
});

test('one that fails discards those before it, the last one first, and the rest is not prepared', async () => {
  const log: string[] = [];
  const refused = () => Promise.reject(new Error('no such mode'));
  const preparing = prepareAll([recorded(log, 'a'), recorded(log, 'b'), refused, recorded(log, 'c')]);
  await expect(preparing).rejects.toThrow('no such mode');
  expect(log).toEqual(['prepare a', 'prepare b', 'discard b', 'discard a']);
});
