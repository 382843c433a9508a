import { describe, expect, it } from '@jest/globals';

import { WriteBehind } from '../../../src/alerts/store/write-behind.ts';
import type { Change, Commit } from '../../../src/alerts/store/transactions.ts';
import { entry } from '../../contract/alert-store-contract.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

function scene() {
  const written: Commit[] = [];
  const state = { isFull: false };
  const write = (commit: Commit) => {
    if (state.isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    written.push(structuredClone(commit));
  };
  const log = recordingLog();
  return { disk: new WriteBehind({ write }, log), written, state, log };
}

const change = (key: string, json?: string): Change => ({ collection: 'states', key, json });

describe('AL-064: a commit', () => {
  it('is written at once, in one transaction', () => {
    const { disk, written, log } = scene();
    disk.commit({ changes: [change('a', '1'), change('b')], entries: [entry(1)] });
    expect(written).toEqual([{ changes: [change('a', '1'), change('b')], entries: [entry(1)] }]);
    expect(log.lines).toEqual([]);
  });

  it('is kept while writing fails, the newest values only, and then written in one transaction', () => {
    const { disk, written, state, log } = scene();
    state.isFull = true;
    disk.commit({ changes: [change('a', '1')], entries: [entry(1)] });
    disk.commit({ changes: [change('a', '2'), change('b', '1')], entries: [] });
    disk.commit({ changes: [change('b')], entries: [entry(2)] });
    expect(disk.isFailing).toBe(true);
    expect(disk.unwritten).toEqual([entry(1), entry(2)]);
    state.isFull = false;
    disk.flush();
    expect(written).toEqual([{ changes: [change('a', '2'), change('b')], entries: [entry(1), entry(2)] }]);
    expect(disk.isFailing).toBe(false);
    expect(disk.unwritten).toEqual([]);
    expect(log.lines).toEqual([
      'warn: Cannot write alert state; keeping it in memory until writes succeed: database or disk is full (SQLITE_FULL)',
      'info: Alert state is written to disk again',
    ]);
    disk.flush();
    expect(written).toHaveLength(1);
  });

  it('is bounded in memory: the oldest entries of the history are dropped', () => {
    const { disk, state } = scene();
    state.isFull = true;
    for (let i = 0; i < 12; i += 1) {
      disk.commit({ changes: [], entries: Array.from({ length: 1000 }, (_, j) => entry(i * 1000 + j)) });
    }
    expect(disk.unwritten).toHaveLength(10_000);
    expect(disk.unwritten[0]).toEqual(entry(2000));
  });
});
