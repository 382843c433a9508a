import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import type { HistoryEvent } from '../../../src/history/access.ts';
import { EventSources } from '../../../src/history/events/event-sources.ts';
import { Heartbeat } from '../../../src/history/events/heartbeat.ts';
import { migrate } from '../../../src/history/store/schema.ts';
import { openHost } from '../../../src/host/machine.ts';
import { loadDriver } from '../../../src/host/sqlite/driver.ts';
import type { RunProgram } from '../../../src/plugin/index.ts';
import { manualClock } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

const START = 1_790_000_000_000;

let root: string;
let events: HistoryEvent[];
let clock = manualClock(START);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'healthd-events-'));
  for (const folder of ['proc/1', 'dev', 'run/systemd/system']) mkdirSync(join(root, folder), { recursive: true });
  put('proc/vmstat', 'oom_kill 4\n');
  put('proc/1/mountinfo', '1 0 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n');
  events = [];
  clock = manualClock(START);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

let failed = '';
const run: RunProgram = () =>
  Promise.resolve({ failure: undefined, code: 0, stdout: Buffer.from(failed), stderr: Buffer.alloc(0) });

function open(): EventSources {
  const environment = { HOST_PROC: join(root, 'proc'), HOST_DEV: join(root, 'dev'), HOST_RUN: join(root, 'run') };
  const host = openHost({ environment, platform: 'linux' });
  const log = recordingLog();
  return new EventSources({ host, clock, log, run, version: '1.2.3', addEvent: (event) => events.push(event) });
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const titles = () => events.map(({ title }) => title);

test('what happens on the host and to the agent becomes events', async () => {
  const sources = open();
  sources.start();
  await settle();
  put('proc/vmstat', 'oom_kill 5\n');
  put('dev/kmsg', '3,1,2,-;Out of memory: Killed process 5 (java) total-vm:1kB\n');
  put('proc/1/mountinfo', '1 0 8:1 / / ro shared:1 - ext4 /dev/sda1 ro\n');
  failed = 'nginx.service loaded failed failed A web server\n';
  clock.advance(10_000);
  await settle();
  expect(titles()).toEqual([
    'healthd 1.2.3 started',
    '/ became read-only',
    'The kernel killed java (pid 5) for lack of memory',
  ]);
  clock.advance(50_000);
  await settle();
  expect(titles().slice(3)).toEqual(['nginx.service failed']);
  sources.reloaded();
  sources.stop();
  sources.stop();
  put('proc/vmstat', 'oom_kill 9\n');
  clock.advance(60_000);
  await settle();
  expect(titles().slice(4)).toEqual(['healthd has a new configuration', 'healthd stopped']);
});

test('the last sign of life is in the file, and the next start tells how long nothing was seen', () => {
  const Database = loadDriver();
  const db = new Database(':memory:');
  try {
    migrate(db);
    const beat = new Heartbeat(db);
    expect(beat.begin({ at: START, boot: 7 }, START)).toEqual([]);
    beat.beat(START + 60_000);
    const next = new Heartbeat(db);
    expect(next.begin({ at: START + 660_000, boot: 7 }, START)).toMatchObject([
      { kind: 'gap', at: START + 60_000, until: START + 660_000 },
    ]);
    expect(next.begin({ at: START + 670_000, boot: 7 }, START)).toEqual([]);
  } finally {
    db.close();
  }
});
