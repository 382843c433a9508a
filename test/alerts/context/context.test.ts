import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from '@jest/globals';

import type { Captured } from '../../../src/alerts/context/capture.ts';
import { createCapture } from '../../../src/alerts/context/context.ts';
import type { Explain } from '../../../src/alerts/context/source.ts';
import type { Fields, Metric, Tags } from '../../../src/metric/metric.ts';
import type { ContextTable } from '../../../src/plugin/notification.ts';
import { manualClock } from '../../../src/testing.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface FakeProcess {
  readonly name: string;
  readonly ticks: number;
  readonly started?: number;
  readonly pages?: number;
}

/** A proc folder with processes by pid. */
function fakeProc(): { readonly path: string; put(number: number, process: FakeProcess): void } {
  const path = mkdtempSync(join(tmpdir(), 'healthd-context-'));
  folders.push(path);
  writeFileSync(join(path, 'uptime'), '1 1');
  return {
    path,
    put(number, { name, ticks, started = 100, pages = 10 }) {
      mkdirSync(join(path, String(number)), { recursive: true });
      const rest = `S 1 1 1 0 -1 0 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${started} 1000 ${pages} 0`;
      writeFileSync(join(path, String(number), 'stat'), `${number} (${name}) ${rest}\n`);
      writeFileSync(join(path, String(number), 'status'), `Name:\t${name}\nVmRSS:\t   ${pages * 4} kB\n`);
      writeFileSync(join(path, String(number), 'cmdline'), `${name}\0--password=hunter2\0`);
    },
  };
}

const NO_SOURCE: Explain = () => Promise.resolve([]);
const on = (host: string): Captured => ({ host, measurement: 'cpu', tags: { host } });

function open(proc: string, explain = NO_SOURCE) {
  const clock = manualClock();
  const capture = createCapture({ host: { proc, hostname: 'web1' }, clock, explain });
  const observe = (name: string, tags: Tags, fields: Fields) => {
    const metric: Metric = { name, tags: { host: 'web1', ...tags }, fields, time: 0n };
    if (capture.wants(name, metric.tags)) capture.observe(metric);
  };
  return { clock, capture, observe };
}

/** Waits until earlier file system operations are done. */
async function filesAreRead(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await readdir(tmpdir());
}

describe('the tables of the host', () => {
  it('AL-119: have the latest CPU, memory and fullest disk', () => {
    const { capture, observe } = open('/nonexistent');
    observe('cpu', { cpu: 'cpu-total' }, { usage_idle: 8.2 });
    observe('cpu', { cpu: 'cpu0' }, { usage_idle: 99 });
    observe('mem', {}, { used_percent: 77.6 });
    observe('disk', { path: '/', fstype: 'ext4', mode: 'rw' }, { used_percent: 65.2 });
    observe('disk', { path: '/var', fstype: 'ext4', mode: 'rw' }, { used_percent: 40 });
    observe('disk', { path: '/snap', fstype: 'squashfs', mode: 'ro' }, { used_percent: 100 });
    observe('mem', { host: 'web2' }, { used_percent: 1 });
    expect(capture.take(['host'], on('web1'))).toEqual([
      {
        kind: 'host',
        title: 'web1 when the alert fired',
        columns: ['What', 'Used'],
        rows: [
          ['CPU Usage', '92 %'],
          ['Memory Usage', '78 %'],
          ['Disk Usage', '65 % (/)'],
        ],
      },
    ]);
  });

  it('leave out unknown and outdated values', () => {
    const { clock, capture, observe } = open('/nonexistent');
    expect(capture.take(['host', 'containers'], on('web1'))).toEqual([]);
    observe('cpu', { cpu: 'cpu-total' }, { usage_idle: 8 });
    clock.advance(9 * 60_000);
    observe('mem', {}, { used_percent: 50 });
    clock.advance(60_000);
    expect(capture.take(['host'], on('web1'))).toMatchObject([{ rows: [['Memory Usage', '50 %']] }]);
  });

  it('AL-119: have its busiest containers', () => {
    const { capture, observe } = open('/nonexistent');
    ['a', 'b', 'c', 'd', 'e', 'f'].forEach((container_name, index) => {
      observe('docker_container_cpu', { container_name, cpu: 'cpu-total' }, { usage_percent: index * 10 });
      observe('docker_container_mem', { container_name }, { usage: BigInt(index * 1024 ** 2) });
    });
    const [table] = capture.take(['containers'], on('web1')) as readonly ContextTable[];
    expect(table?.rows).toEqual([
      ['f', '50 %', '5 MiB'],
      ['e', '40 %', '4 MiB'],
      ['d', '30 %', '3 MiB'],
      ['c', '20 %', '2 MiB'],
      ['b', '10 %', '1 MiB'],
    ]);
  });
});

describe('processes', () => {
  it('AL-119: by CPU usage since the alert became pending', async () => {
    const proc = fakeProc();
    proc.put(1, { name: 'init', ticks: 50_000 });
    proc.put(2, { name: 'java', ticks: 1000 });
    proc.put(3, { name: 'reused', ticks: 90_000, started: 1 });
    const { clock, capture } = open(proc.path);
    capture.prepare(['host', 'top_cpu'], 'web1');
    await filesAreRead();
    clock.advance(10_000);
    proc.put(1, { name: 'init', ticks: 50_000 });
    proc.put(2, { name: 'java', ticks: 1000 + 610 });
    proc.put(3, { name: 'new one', ticks: 200, started: 2 });
    const tables = await capture.take(['top_cpu'], on('web1'));
    expect(tables).toEqual([
      {
        kind: 'top_cpu',
        title: 'Top processes by CPU',
        columns: ['Process', 'CPU'],
        rows: [
          ['java', '61 %'],
          ['new one', '20 %'],
        ],
      },
    ]);
  });

  it('AL-119: by CPU usage between two readings 60 ms apart, if there was no earlier one', async () => {
    const proc = fakeProc();
    proc.put(2, { name: 'java', ticks: 1000 });
    const { clock, capture } = open(proc.path);
    const taken = capture.take(['top_cpu'], on('web1'));
    await filesAreRead();
    proc.put(2, { name: 'java', ticks: 1006 });
    clock.advance(60);
    expect(await taken).toMatchObject([{ rows: [['java', '100 %']] }]);
  });

  it('AL-119: by memory, the top five', async () => {
    const proc = fakeProc();
    for (let number = 1; number <= 9; number += 1)
      proc.put(number, { name: `p${number}`, ticks: 0, pages: number * 256 });
    const { capture } = open(proc.path);
    const [table] = await capture.take(['top_memory'], on('web1'));
    expect(table?.rows).toEqual([
      ['p9', '9 MiB'],
      ['p8', '8 MiB'],
      ['p7', '7 MiB'],
      ['p6', '6 MiB'],
      ['p5', '5 MiB'],
    ]);
  });

  it('AL-120: have their short names, never arguments, as plain text', async () => {
    const proc = fakeProc();
    proc.put(1, { name: 'evil) \u001b[31m\nname', ticks: 0 });
    const { capture } = open(proc.path);
    const tables = await capture.take(['top_memory'], on('web1'));
    expect(tables[0]?.rows).toEqual([['evil)  [31m name', '40 KiB']]);
    expect(JSON.stringify(tables)).not.toContain('hunter2');
  });

  it('are not read for an alert of another host', () => {
    const { capture } = open(fakeProc().path);
    expect(capture.take(['top_cpu', 'top_memory'], on('web2'))).toEqual([]);
  });

  it('are left out without procfs', async () => {
    const { clock, capture } = open('/nonexistent');
    const taken = capture.take(['host', 'top_cpu', 'top_memory'], on('web1'));
    await filesAreRead();
    clock.advance(60);
    expect(await taken).toEqual([]);
  });

  it('M-021: say so if reading takes too long; other tables remain', async () => {
    const { clock, capture, observe } = open(fakeProc().path);
    observe('mem', {}, { used_percent: 50 });
    const taken = capture.take(['host', 'top_cpu'], on('web1'));
    clock.advance(400);
    expect(await taken).toMatchObject([
      { kind: 'host', rows: [['Memory Usage', '50 %']] },
      { title: 'Top processes by CPU', rows: [], note: 'not captured in time' },
    ]);
  });

  it('are limited to the newest 2000', async () => {
    const proc = fakeProc();
    for (let number = 1; number <= 2003; number += 1)
      proc.put(number, { name: `p${number}`, ticks: 0, pages: number === 3 ? 9999 : 1 });
    const { capture } = open(proc.path);
    const [table] = await capture.take(['top_memory'], on('web1'));
    expect(table?.title).toBe('Top processes by memory (of the newest 2000)');
    expect(table?.rows.map(([name]) => name)).not.toContain('p3');
  });
});

it('the captured tables are frozen', () => {
  const { capture, observe } = open('/nonexistent');
  observe('mem', {}, { used_percent: 50 });
  const [table] = capture.take(['host'], on('web1')) as readonly ContextTable[];
  expect(() => ((table!.rows[0] as string[])[1] = 'x')).toThrow(TypeError);
});

describe('what the input knows', () => {
  const table: ContextTable = {
    kind: 'source',
    title: 'Container api',
    columns: ['What', 'Value'],
    rows: [['Exit code', '137']],
  };

  it('M-006: is asked for with the tags of the alert, and bounded', async () => {
    const asked: unknown[] = [];
    const { capture } = open('/nonexistent', (measurement, tags) => {
      asked.push([measurement, tags]);
      return Promise.resolve([
        table,
        { ...table, rows: Array.from({ length: 100 }, () => [`\u001b${'x'.repeat(5000)}`]) },
      ]);
    });
    const [first, long] = await capture.take(['host', 'source'], on('web1'));
    expect(asked).toEqual([['cpu', { host: 'web1' }]]);
    expect(first).toEqual(table);
    expect(long?.rows).toHaveLength(20);
    expect(long?.rows[0]?.[0]).toMatch(/^x{299}…$/);
  });

  it('M-021: is missing with a reason if it fails, or takes too long', async () => {
    const failing = open('/nonexistent', () => Promise.reject(new Error('no permission')));
    expect(await failing.capture.take(['source'], on('web1'))).toMatchObject([{ rows: [], note: 'no permission' }]);
    const hanging = open('/nonexistent', () => new Promise(() => undefined));
    const taken = hanging.capture.take(['source'], on('web1'));
    hanging.clock.advance(400);
    expect(await taken).toMatchObject([{ rows: [], note: 'not captured in time' }]);
  });

  it('is not asked for an alert of another host', () => {
    const { capture } = open('/nonexistent', () => Promise.reject(new Error('asked')));
    expect(capture.take(['source'], on('web2'))).toEqual([]);
  });
});
