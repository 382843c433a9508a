import { describe, expect, test } from '@jest/globals';

import { findSeries } from '../../../src/commands/history/find.ts';
import { compileSelector, selectionOf } from '../../../src/commands/history/selector.ts';
import type { KnownSet } from '../../../src/history/access.ts';

const known = (name: string, tags: Record<string, string>, ...fields: string[]): KnownSet => ({
  set: { host: '', name, tags },
  fields: fields.map((field) => ({ name: field, type: 'float' })),
  lastAt: 0,
});
const SETS = [
  known('cpu', { cpu: 'cpu0' }, 'usage_idle', 'usage_user'),
  known('cpu', { cpu: 'cpu-total' }, 'usage_idle', 'usage_user'),
  known('net', { interface: 'eth0' }, 'bytes_recv'),
  known('net', { interface: 'lo' }, 'bytes_recv'),
  known('disk', { path: '/a,b' }, 'free'),
  known('my.app', {}, 'a.b', 'size'),
];
const found = (...texts: string[]) =>
  findSeries(SETS, texts.map(compileSelector)).map(({ set, field }) =>
    [`${set.name}.${field}`, ...Object.values(set.tags)].join(' '),
  );

describe('a selection', () => {
  test.each([
    ['cpu.usage_idle{cpu=cpu-total}', ['cpu.usage_idle cpu-total']],
    ['cpu.usage_idle{cpu="cpu0"}', ['cpu.usage_idle cpu0']],
    ['cpu.usage_{idle,user}{cpu=cpu0}', ['cpu.usage_idle cpu0', 'cpu.usage_user cpu0']],
    ['net', ['net.bytes_recv eth0', 'net.bytes_recv lo']],
    ['net{interface=!lo}', ['net.bytes_recv eth0']],
    ['*.bytes_*{interface=e*}', ['net.bytes_recv eth0']],
    ['disk.free{path="/a,b"}', ['disk.free /a,b']],
    ['my.app.size', ['my.app.size']],
    ['my.app.a.b', ['my.app.a.b']],
    [
      '{cpu,net}.*{interface=}',
      ['cpu.usage_idle cpu0', 'cpu.usage_user cpu0', 'cpu.usage_idle cpu-total', 'cpu.usage_user cpu-total'],
    ],
  ])('%s', (text, names) => {
    expect(found(text)).toEqual(names);
  });

  test('of several is each series once', () => {
    expect(found('net.*', 'net.bytes_recv{interface=lo}')).toEqual(['net.bytes_recv eth0', 'net.bytes_recv lo']);
    const selection = selectionOf(['cpu.usage_idle{cpu=cpu0}', 'net'].map(compileSelector));
    expect(selection.isField(SETS[0]!.set, 'usage_user')).toBe(false);
    expect(selection.isField(SETS[1]!.set, 'usage_idle')).toBe(false);
    expect(selectionOf([]).isField(SETS[5]!.set, 'size')).toBe(true);
  });

  test.each(['', '{a=b}', '=', 'cpu{=x}', 'cpu{a=b,c}', `${'x'.repeat(2000)}*`, 'cpu{a=~(}'])(
    '%j is refused',
    (text) => {
      expect(() => compileSelector(text)).toThrow(/is no selection of series: .*; write cpu\.usage_idle/);
    },
  );

  test.each([
    ['cpuu.usage_idle', 'The history has no measurement "cpuu"; did you mean "cpu"?'],
    ['cpu.usage_idel', '"cpu" has no field "usage_idel"; did you mean "cpu.usage_idle"?'],
    ['my.app.sise', '"my.app" has no field "sise"; did you mean "my.app.size"?'],
    ['cpu.temperature', '"cpu" has no field "temperature"; its fields: usage_idle, usage_user'],
    ['zzzzzz', 'The history has no measurement "zzzzzz"; there are cpu, disk, my.app, net'],
    ['z*', 'Nothing in the history matches "z*"; measurements: cpu, disk, my.app, net'],
    ['net{interface=eth9}', 'No series of net has such tags; there are interface=eth0, interface=lo'],
  ])('%s names what there is', (text, message) => {
    expect(() => found('cpu', text)).toThrow(message);
  });
});
