import { expect, test } from '@jest/globals';

import { Deeds } from '../../../src/alerts/handover/deeds.ts';
import type { Attempt, Word } from '../../../src/alerts/notify/attempt-record.ts';
import { manualClock } from '../../../src/testing.ts';
import { memoryStore } from '../memory-store.ts';

const GROUP = { key: 'all', route: 'all', tags: {} };
const DAY_MS = 86_400_000;

function attempt(id: string, fingerprints: readonly string[]): Attempt {
  const listed = fingerprints.map((fingerprint): Word => ({
    ...{ id: `word ${fingerprint}`, fingerprint, episode: 'e', words: 0, kind: 'fired' },
    ...{ level: 'critical', flapping: false, group: GROUP },
  }));
  return { id, receiver: 'pager', reason: 'first', group: GROUP, listed, counted: [], unchanged: 0, reminder: 0 };
}

test('a restart of the agent changes nothing: each hub hears of what was done, until it has heard', () => {
  const [store, clock] = [memoryStore(), manualClock()];
  new Deeds(store, clock).add(attempt('a', ['f1', 'f2']), 'accepted', undefined, ['hub', 'second']);
  clock.advance(60_000);
  new Deeds(store, clock).add(attempt('b', ['f1']), 'not_sent', 'refused', ['hub', 'second']);

  const deeds = new Deeds(store, clock);
  const said = deeds.next('hub');
  expect(said).toMatchObject([
    { fingerprint: 'f1', receiver: 'pager', kind: 'fired', outcome: 'accepted', ageMs: 60_000 },
    { fingerprint: 'f2', outcome: 'accepted', ageMs: 60_000 },
    { fingerprint: 'f1', outcome: 'not_sent', error: 'refused', ageMs: 0 },
  ]);
  expect(deeds.said('hub', said.slice(0, 2))).toBe(true);
  expect(new Deeds(store, clock).next('hub')).toEqual(said.slice(2));
  expect(new Deeds(store, clock).next('second')).toEqual(said);
  expect(deeds.said('hub', said)).toBe(false);

  deeds.keepOnly(new Set(['hub']));
  expect(store.collection('deeds').entries()).toEqual([]);
});

test('what is kept is bounded in number and age, and what another version wrote is left out', () => {
  const [store, clock] = [memoryStore(), manualClock()];
  const many = Array.from({ length: 1100 }, (_, index) => `f${index}`);
  new Deeds(store, clock).add(attempt('a', many), 'accepted', undefined, ['hub']);
  expect(store.collection('deeds').entries()).toHaveLength(1000);
  store.collection('deeds').put('other', { of: 'another version' });
  expect(new Deeds(store, clock).next('hub')[0]).toMatchObject({ fingerprint: 'f100' });
  expect(store.collection('deeds').entries()).toHaveLength(1000);
  clock.advance(8 * DAY_MS);
  expect(new Deeds(store, clock).next('hub')).toEqual([]);
  expect(store.collection('deeds').entries()).toEqual([]);
});
