/** What the inputs make of the answers of Windows, and of answers that fail. */
import { afterEach, describe, expect, test } from '@jest/globals';

import { hostInputs } from '../../src/config/validate.ts';
import type { WindowsReader } from '../../src/host/windows/reader.ts';
import { createDisk } from '../../src/plugins/disk/index.ts';
import { diskio } from '../../src/plugins/diskio/index.ts';
import { mem } from '../../src/plugins/mem/index.ts';
import { net } from '../../src/plugins/net/index.ts';
import { netstat } from '../../src/plugins/netstat/index.ts';
import { processes } from '../../src/plugins/processes/index.ts';
import { swap } from '../../src/plugins/swap/index.ts';
import { system } from '../../src/plugins/system/index.ts';
import { parseBookmark, queryAfter, winEventlog } from '../../src/plugins/win_eventlog/index.ts';
import { timeOf } from '../../src/plugins/win_eventlog/point.ts';
import { winPerfCounters } from '../../src/plugins/win_perf_counters/index.ts';
import { winServices } from '../../src/plugins/win_services/index.ts';
import type { InputPlugin } from '../../src/plugin/index.ts';
import { testInput } from '../../src/testing.ts';
import { fakeWindows } from '../support/fakes/windows.ts';

let stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
});

const fake = fakeWindows();
const broken = fakeWindows(() => 'exit');

async function open(plugin: unknown, options: object = {}, windows: WindowsReader = fake) {
  const input = await testInput(plugin as InputPlugin, options, { platform: 'win32', windows });
  stops.push(() => input.stop());
  return input;
}

async function gathered(plugin: unknown, options?: object, windows?: WindowsReader) {
  const { metrics, errors } = await (await open(plugin, options, windows)).gather();
  return { errors: errors.map(({ message }) => message), metrics };
}

const statfs = (path: string) =>
  path === 'C:\\'
    ? Promise.resolve({ bsize: 4096, blocks: 1000, bfree: 400, bavail: 400, files: 0, ffree: 0 })
    : Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' }));
const disk = createDisk({ later: statfs });

test('W-001: the inputs of a configuration that names none are those that the platform has', () => {
  expect(hostInputs('win32')).toEqual(['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'system']);
  expect(hostInputs('linux')).toContain('kernel');
  expect(hostInputs('darwin')).not.toContain('kernel');
});

test('W-009, W-010, W-018: net has the names that Windows shows, packets, and an idle direction beside a busy one', async () => {
  const { metrics, errors } = await gathered(net);
  expect(errors).toEqual([]);
  expect(metrics.map(({ tags }) => tags['interface'])).toEqual(['Ethernet 2', 'vEthernet (Default Switch)']);
  expect(metrics[0]?.fields).toEqual({
    ...{ bytes_recv: 5555n, bytes_sent: 7777n, packets_recv: 50n, packets_sent: 70n },
    ...{ err_in: 0n, err_out: 0n, drop_in: 1n, drop_out: 0n, speed: 1000n },
  });
  expect(metrics[1]?.fields).toMatchObject({ bytes_recv: 0n, bytes_sent: 2222n, speed: -1n });
});

test('net takes globs', async () => {
  const { metrics } = await gathered(net, { interfaces: ['WLAN'] });
  expect(metrics.map(({ tags }) => tags['interface'])).toEqual(['WLAN']);
});

test('W-016: netstat counts states by number', async () => {
  const { metrics } = await gathered(netstat);
  expect(metrics[0]?.fields).toMatchObject({
    ...{ tcp_established: 7n, tcp_time_wait: 3n, tcp_close_wait: 1n, tcp_listen: 20n, udp_socket: 9n },
  });
  expect(metrics[0]?.fields).not.toHaveProperty('tcp_none');
});

test('W-015: mem is from Node alone, and leaves out what Windows has not', async () => {
  const { metrics, errors } = await gathered(mem, {}, broken);
  expect(errors).toEqual([]);
  expect(Object.keys(metrics[0]?.fields ?? {}).sort()).toEqual([
    ...['available', 'available_percent', 'total', 'used', 'used_percent'],
  ]);
});

test('W-018: mem adds the commit charge', async () => {
  const { metrics } = await gathered(mem, { collect_extended: true });
  expect(metrics[0]?.fields).toMatchObject({ commit_limit: 20_000_000_000n, commit_total: 8_000_000_000n });
  const failed = await gathered(
    mem,
    { collect_extended: true },
    fakeWindows(() => 'exit'),
  );
  expect(failed.metrics[0]?.fields).not.toHaveProperty('commit_limit');
  expect(failed.errors).toHaveLength(1);
});

test('W-018: swap adds the page files, and counts pages in bytes', async () => {
  const { metrics } = await gathered(swap);
  const mib = 1024n * 1024n;
  expect(metrics[0]?.fields).toMatchObject({ total: 4864n * mib, used: 120n * mib, in: 4_096_000n, out: 2_048_000n });
});

test('W-018: diskio reports drives in Telegraf’s units, and their use between two gathers', async () => {
  const input = await open(diskio);
  const [metric, ...others] = (await input.gather()).metrics;
  expect(others).toEqual([]);
  expect(metric?.tags).toMatchObject({ name: 'C:' });
  expect(metric?.fields).toEqual({
    ...{ reads: 1000n, writes: 2000n, read_bytes: 4_096_000n, write_bytes: 8_192_000n },
    ...{ read_time: 5000n, write_time: 7000n, weighted_io_time: 12_000n, iops_in_progress: 1n },
  });
});

test('disk has the space from Node, and type and label from Windows', async () => {
  const { metrics, errors } = await gathered(disk);
  expect(errors).toEqual([]);
  expect(metrics).toHaveLength(1);
  expect(metrics[0]?.tags).toMatchObject({ path: '\\C:', device: 'C:', fstype: 'NTFS', label: 'System', mode: 'rw' });
  expect(metrics[0]?.fields).toMatchObject({ total: 4_096_000n, used_percent: 60 });
  // No zero for what Node does not know, and no claim about what Windows did not say.
  for (const field of ['inodes_total', 'read_only']) expect(metrics[0]?.fields).not.toHaveProperty(field);
});

test('disk reports space while Windows does not answer', async () => {
  const { metrics, errors } = await gathered(
    disk,
    {},
    fakeWindows(() => 'exit'),
  );
  expect(metrics[0]?.tags).toMatchObject({ path: '\\C:', fstype: 'unknown' });
  expect(errors).toEqual(['The types and labels of the drives cannot be read again']);
});

test('W-015, W-018: system has the queue of the processors, and no load average', async () => {
  const { metrics, errors } = await gathered(system);
  expect(errors).toEqual([]);
  expect(metrics[0]?.fields).toMatchObject({ processor_queue_length: 2n, n_physical_cpus: 8n });
  for (const field of ['load1', 'n_users']) expect(metrics[0]?.fields).not.toHaveProperty(field);
});

test('W-015: processes has totals only', async () => {
  const { metrics } = await gathered(processes);
  expect(metrics[0]?.fields).toEqual({ total: 150n, total_threads: 2100n });
});

describe('W-011: a reader that fails makes an error and no point', () => {
  test.each([
    ['net', net, {}],
    ['netstat', netstat, {}],
    ['swap', swap, {}],
    ['diskio', diskio, {}],
    ['processes', processes, {}],
    ['win_services', winServices, {}],
    ['win_eventlog', winEventlog, {}],
    ['win_perf_counters', winPerfCounters, { objects: [{ class: 'Win32_PerfRawData_X', properties: ['A'] }] }],
  ])('%s', async (_name, plugin, options) => {
    const { metrics, errors } = await gathered(
      plugin,
      options,
      fakeWindows(() => 'exit'),
    );
    expect(metrics).toEqual([]);
    expect(errors).toEqual([expect.stringContaining('The Windows reader failed')]);
  });
});

test('W-018: win_services has Telegraf’s numbers', async () => {
  const { metrics } = await gathered(winServices, { excluded_service_names: ['Remote*'] });
  expect(metrics.map(({ tags, fields }) => [tags['service_name'], tags['display_name'], fields])).toEqual([
    ['Spooler', 'Druckwarteschlange', { state: 4n, startup_mode: 2n }],
  ]);
});

test('W-018: win_perf_counters reads properties of a class, without the total', async () => {
  const object = { class: 'Win32_PerfRawData_PerfOS_Processor', properties: ['PercentProcessorTime'] };
  const { metrics } = await gathered(winPerfCounters, { objects: [{ ...object, measurement: 'win_cpu' }] });
  expect(metrics.map(({ name, tags }) => [name, tags['instance']])).toEqual([
    ['win_cpu', '0'],
    ['win_cpu', '1'],
  ]);
  expect(metrics[0]?.tags['objectname']).toBe(object.class);
});

test('win_perf_counters refuses what is no class of counters', () => {
  const objects = [{ class: "Win32_Process WHERE Name = 'x'", properties: ['Name'] }];
  expect(winPerfCounters.config.safeParse({ objects }).success).toBe(false);
});

test('W-018: win_eventlog begins with what comes next, or with the oldest event, and goes on at its bookmark', async () => {
  const fresh = await gathered(winEventlog);
  expect(fresh).toEqual({ metrics: [], errors: [] });
  const input = await open(winEventlog, { from_beginning: true, event_batch_size: 5 });
  const { metrics, errors } = await input.gather();
  expect(errors).toEqual([]);
  expect(metrics.map(({ fields }) => fields['EventRecordID'])).toEqual(
    Array.from({ length: 12 }, (_, index) => BigInt(101 + index)),
  );
  expect(metrics[0]).toMatchObject({
    tags: { Source: 'Service Control Manager', EventID: '7036', Level: '2', Channel: 'System', Keywords: 'Klassisch' },
    fields: { Message: 'Dienst 0 läuft.', Data_param1: 'Spooler', ProcessID: 700n },
    time: BigInt(Date.parse('2026-01-02T03:04:00Z')) * 1_000_000n + 123_456_700n,
  });
  expect((await input.gather()).metrics).toEqual([]);
});

test('the bookmark and the predicate of the user become one query', () => {
  expect(queryAfter('*', 5)).toBe('*[System[EventRecordID > 5]]');
  expect(queryAfter('*[System[Level < 4]]', 5)).toBe('*[System[EventRecordID > 5] and (System[Level < 4])]');
  expect(winEventlog.config.safeParse({ xpath_query: '<QueryList/>' }).success).toBe(false);
});

test('a damaged bookmark is an error', () => {
  expect(parseBookmark('{"after":7}\n')).toEqual({ after: 7 });
  for (const text of ['', '{', '{}', '{"after":-1}', 'null']) expect(() => parseBookmark(text)).toThrow('damaged');
});

test('times of .NET are exact', () => {
  expect(timeOf('2026-01-02T03:04:05Z')).toBe(BigInt(Date.parse('2026-01-02T03:04:05Z')) * 1_000_000n);
  for (const text of [undefined, '', '02.01.2026 03:04', '2026-99-99T03:04:05Z']) expect(timeOf(text)).toBeUndefined();
});
