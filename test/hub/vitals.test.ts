import { expect, test } from '@jest/globals';

import type { HostRecord } from '../../src/hub/records.ts';
import { Vitals } from '../../src/hub/vitals.ts';
import { parseLines } from '../../src/metric/line-protocol.ts';

import { HubScene } from './hub-kit.ts';

const SECOND = 1_000_000_000;
/** ms. */
const NOW = 1_000_000;

function seen(...batches: readonly string[]) {
  const vitals = new Vitals();
  const host = { name: 'db1' } as HostRecord;
  for (const batch of batches) vitals.see(host, parseLines(Buffer.from(batch)).metrics, NOW);
  return vitals.of(host);
}

test('the newest figures of a host: all processors, memory, load', () => {
  const at = 100 * SECOND;
  expect(seen(`cpu,cpu=cpu0,host=db1 usage_idle=1 ${at}\ncpu,cpu=cpu-total,host=db1 usage_idle=75 ${at}`)).toEqual({
    cpu: 25,
    memory: null,
    disk: null,
    load: null,
  });
  expect(seen(`mem used_percent=41.5 ${at}\nsystem load1=2.5 ${at}`)).toMatchObject({ memory: 41.5, load: 2.5 });
});

test('of file systems the fullest counts, until the next round says otherwise', () => {
  const round = (at: number, ...used: readonly number[]) =>
    used.map((percent, index) => `disk,path=/${index} used_percent=${percent} ${at + index}`).join('\n');
  expect(seen(round(100 * SECOND, 40, 91, 60)).disk).toBe(91);
  expect(seen(round(100 * SECOND, 40, 91, 60), round(110 * SECOND, 40, 70, 60)).disk).toBe(70);
});

test('older lines that come late change nothing', () => {
  const late = `mem used_percent=99 ${50 * SECOND}\ndisk,path=/ used_percent=99 ${50 * SECOND}`;
  const now = `mem used_percent=10 ${100 * SECOND}\ndisk,path=/ used_percent=10 ${100 * SECOND}`;
  expect(seen(now, late)).toMatchObject({ memory: 10, disk: 10 });
});

test('lines of others that the host passes on, and fields that are no numbers, are left out', () => {
  expect(seen(`mem,host=other used_percent=99 ${SECOND}\nmem used_percent="high" ${SECOND}`).memory).toBeNull();
  expect(seen(`mem,host=other used_percent=99 ${SECOND}\nmem available=1 ${SECOND}`).memory).toBeNull();
});

test('the hub answers with the figures of each host, from the lines that it takes', async () => {
  const scene = await HubScene.open();
  try {
    const [one] = [scene.host('a'), scene.host('b')];
    await one.sendLines([`mem,host=a used_percent=41.5 ${SECOND}\n`]);
    const vitals = scene.part.control!.fleet().hosts.map((host) => host.vitals.memory);
    expect(vitals).toEqual([41.5, null]);
    expect(scene.part.control!.fleet().siteTag).toBe('site');
  } finally {
    await scene.close();
  }
});

test('lines from a clock that was ahead do not hide those after it was set right', () => {
  const ahead = `mem used_percent=99 ${9 * 1e6 * SECOND}\ndisk,path=/ used_percent=99 ${9 * 1e6 * SECOND}`;
  const right = `mem used_percent=10 ${1001 * SECOND}\ndisk,path=/ used_percent=10 ${1001 * SECOND}`;
  expect(seen(ahead, right)).toMatchObject({ memory: 10 });
});
