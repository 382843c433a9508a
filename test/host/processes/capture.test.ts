import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { systemClock } from '../../../src/core/clock.ts';
import { ProcessCapture } from '../../../src/host/processes/capture.ts';
import type { ProcessFrame } from '../../../src/host/processes/frame.ts';
import { manualClock } from '../../../src/testing.ts';

import { FakeProc } from './fake-proc.ts';

const START = 1_790_000_000_000;
const NEVER = new AbortController().signal;
const ID = 'c0ffee'.repeat(10) + 'abcd';

let host: FakeProc;
let clock = manualClock(START);
let capture: ProcessCapture;
beforeEach(() => {
  host = new FakeProc();
  clock = manualClock(START);
  capture = open();
});
afterEach(() => {
  capture.close();
  host.remove();
});

const open = (names: Readonly<Record<string, string>> = {}) =>
  new ProcessCapture({ proc: host.proc, etc: host.etc, clock, nameContainer: (id) => names[id] });
function next(ms = 10_000): ProcessFrame {
  clock.advance(ms);
  return capture.capture()!;
}
const byPid = (frame: ProcessFrame) => new Map(frame.processes.map((use) => [use.pid, use]));

describe('a frame', () => {
  test('has what was used since the one before', () => {
    host.put(1, { name: 'init', ticks: 500, pages: 100, cgroup: '/init.scope' });
    host.put(7, { name: 'nginx', ticks: 1000, read: 5000, written: 0, uid: 33, cgroup: '/system.slice/nginx.service' });
    expect(capture.capture()).toBeUndefined();
    host.put(7, { ticks: 1250, read: 45_000, written: 1000 });
    const frame = next();
    expect(frame).toMatchObject({ at: START + 10_000, total: 2 });
    expect(byPid(frame).get(7)).toEqual({
      pid: 7,
      name: 'nginx',
      user: 'www',
      unit: 'nginx.service',
      cpu: 25,
      memory: 10 * 4096,
      read: 4000,
      written: 100,
    });
    expect(byPid(frame).get(1)).toMatchObject({ cpu: 0, memory: 100 * 4096, user: 'root', unit: '', read: 0 });
    expect(byPid(next()).get(7)).toMatchObject({ cpu: 0, read: 0, written: 0 });
  });

  test('has all that a new process used, and nothing from before of one that was only not seen', () => {
    host.put(1, { started: 300 });
    capture.capture();
    host.put(50, { started: 900, ticks: 100, read: 20_000 });
    host.put(20, { started: 200, ticks: 9000, read: 70_000 });
    const frame = byPid(next());
    expect(frame.get(50)).toMatchObject({ cpu: 10, read: 2000 });
    expect(frame.get(20)).toMatchObject({ cpu: 0, read: 0 });
    host.put(20, { ticks: 9500 });
    expect(byPid(next()).get(20)?.cpu).toBe(50);
  });

  test('does not mix up processes that had the same pid', () => {
    host.put(9, { name: 'old', ticks: 5000, started: 100 });
    capture.capture();
    host.put(9, { name: 'new', ticks: 30, started: 700 });
    expect(byPid(next()).get(9)).toMatchObject({ name: 'new', cpu: 3 });
    host.end(9);
    expect(next()).toBeUndefined();
  });

  test('has the union of the top ten of each figure, and no others', () => {
    for (let pid = 1; pid <= 100; pid += 1) host.put(pid, { pages: pid });
    capture.capture();
    for (let pid = 1; pid <= 12; pid += 1) host.put(pid, { ticks: pid });
    for (let pid = 21; pid <= 32; pid += 1) host.put(pid, { read: pid * 1000 });
    for (let pid = 41; pid <= 52; pid += 1) host.put(pid, { written: pid * 1000 });
    const pids = next().processes.map(({ pid }) => pid);
    const run = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
    expect(pids.sort((a, b) => a - b)).toEqual([...run(3, 12), ...run(23, 32), ...run(43, 52), ...run(91, 100)]);
  });

  test('has more of each figure where more are asked for', () => {
    const wide = new ProcessCapture({ proc: host.proc, etc: host.etc, clock, top: 40 });
    for (let pid = 1; pid <= 100; pid += 1) host.put(pid, { pages: pid });
    wide.capture();
    clock.advance(10_000);
    expect(wide.capture()?.processes).toHaveLength(40);
    wide.close();
  });

  test('says what it may not see', () => {
    host.put(5, { isPrivate: true });
    capture.capture();
    host.put(5, { ticks: 10 });
    expect(byPid(next()).get(5)).toMatchObject({ read: undefined, written: undefined });
  });

  test('follows a process that begins more threads', () => {
    host.put(5, { threads: 1 });
    capture.capture();
    host.put(5, { threads: 8, ticks: 100 });
    expect(byPid(next()).get(5)?.cpu).toBe(10);
    host.put(5, { ticks: 300 });
    expect(byPid(next()).get(5)?.cpu).toBe(20);
    host.put(5, { threads: 1, ticks: 400 });
    expect(byPid(next()).get(5)?.cpu).toBe(10);
    host.put(5, { ticks: 600 });
    expect(byPid(next()).get(5)?.cpu).toBe(20);
  });

  test('names containers, and kernel threads', () => {
    capture = open({ [ID]: 'orders-api' });
    host.put(5, { cgroup: `/system.slice/docker-${ID}.scope` });
    host.put(6, { flags: 0x200000 | 64, ticks: 1 });
    capture.capture();
    host.put(6, { ticks: 2 });
    const frame = byPid(next());
    expect(frame.get(5)?.unit).toBe('orders-api');
    expect(frame.get(6)?.unit).toBe('kernel');
  });

  test('learns within a minute of another user and unit', () => {
    host.put(5, { uid: 0 });
    capture.capture();
    expect(byPid(next()).get(5)).toMatchObject({ user: 'root', unit: '' });
    host.put(5, { uid: 33, cgroup: '/user.slice/user-33.slice/session-3.scope' });
    clock.advance(50_000);
    expect(byPid(next()).get(5)).toMatchObject({ user: 'www', unit: 'session 3' });
  });

  test('is not there where there is no procfs', () => {
    const nowhere = new ProcessCapture({ proc: '/nonexistent', etc: '/nonexistent', clock });
    expect(nowhere.capture()).toBeUndefined();
    expect(nowhere.capture()).toBeUndefined();
  });

  test('of more processes than are read has those that used most before, and the others by turns', () => {
    capture = new ProcessCapture({ proc: host.proc, etc: host.etc, clock, most: 30 });
    for (let pid = 1; pid <= 50; pid += 1) host.put(pid, { pages: pid < 40 ? 0 : pid });
    for (let round = 0; round < 4; round += 1) next();
    host.put(45, { ticks: 100 });
    host.put(3, { ticks: 800 });
    const frame = next();
    expect(frame.total).toBe(50);
    expect(byPid(frame).get(45)).toMatchObject({ cpu: 10, memory: 45 * 4096 });
    const later = byPid(frame).get(3) ?? byPid(next()).get(3);
    expect(later?.cpu).toBeGreaterThanOrEqual(20);
  });
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('of real processes a frame', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  const start = async (program: string, ...args: string[]) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    children.push(child);
    await once(child, 'spawn');
    host.link(child.pid!);
    return child.pid!;
  };
  const openHere = () => {
    capture = new ProcessCapture({ proc: host.proc, etc: '/etc', clock: systemClock });
    return capture;
  };
  const descriptors = () => readdirSync('/proc/self/fd').length;

  test('has the busy ones, and in slices those that begin to run', async () => {
    openHere();
    const busy = await start(process.execPath, '-e', 'for (;;);');
    const late = await start('sh', '-c', 'sleep 1; while :; do :; done');
    capture.capture();
    await sleep(500);
    const first = byPid(capture.capture()!);
    expect(first.get(busy)).toMatchObject({ name: 'node' });
    expect(first.get(busy)!.cpu).toBeGreaterThan(2);
    expect(first.get(busy)!.memory).toBeGreaterThan(1_000_000);
    await sleep(3000);
    expect(byPid((await capture.captureInSlices(NEVER))!).get(late)!.cpu).toBeGreaterThan(2);
  });

  test('leaves no files of ended processes open, and none at the end', async () => {
    const before = descriptors();
    openHere();
    const pid = await start('sleep', '60');
    capture.capture();
    expect(descriptors()).toBe(before + 1);
    children[0]!.kill('SIGKILL');
    await once(children[0]!, 'exit');
    capture.capture();
    expect(descriptors()).toBe(before);
    host.end(pid);
    await start('sleep', '60');
    capture.capture();
    capture.close();
    expect(descriptors()).toBe(before);
  });
});
