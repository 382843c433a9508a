/** Plain writers: hosts without an agent, by the tag `host` of what they write. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { HubScene } from './hub-kit.ts';

const SECOND = 1000;
const MINUTE = 60_000;

let scene: HubScene;

beforeEach(async () => {
  scene = await HubScene.open({ writers: 'alert' });
});

afterEach(() => scene.close());

test('are hosts once their name comes again, with the figures that they write', async () => {
  scene.write('old1');
  await scene.pass(2 * SECOND);
  scene.write('old1');
  expect(scene.presence('old1')).toBeUndefined();
  await scene.passWriting(30 * SECOND, 'old1');
  const [host] = scene.part.control!.fleet().hosts;
  expect(host).toMatchObject({ id: 'old1', name: 'old1', kind: 'writer', presence: 'up', vitals: { memory: 41 } });
  expect(host).toMatchObject({ version: '', lines: { received: 2, missing: 0, lost: 0, completeSince: null } });
  expect(scene.events('old1')).toEqual(['writes']);
});

test('only of inputs that others write to, and not the hub itself', async () => {
  for (let round = 0; round < 3; round += 1) {
    scene.write('snmp-switch', 'snmp');
    scene.write('hub');
    scene.write('');
    scene.write('x'.repeat(256));
    await scene.pass(10 * SECOND);
  }
  expect(scene.part.control!.fleet().hosts).toEqual([]);
});

test('are late and down by the settings of the hub, and up again when they write; each change is an event', async () => {
  await scene.passWriting(MINUTE, 'old1');
  await scene.pass(10 * SECOND);
  expect(scene.presence('old1')).toBe('late');
  expect(scene.field('old1', 'down')).toBe(0);
  await scene.pass(30 * SECOND);
  expect(scene.presence('old1')).toBe('down');
  expect(scene.field('old1', 'down')).toBe(1);
  scene.write('old1');
  await scene.pass(SECOND);
  expect(scene.presence('old1')).toBe('up');
  expect(scene.events('old1')).toEqual(['writes', 'down', 'up']);
});

test('one that writes every five minutes is down after three of its pauses', async () => {
  for (let round = 0; round < 4; round += 1) {
    scene.write('slow');
    await scene.pass(5 * MINUTE);
  }
  scene.write('slow');
  await scene.pass(9 * MINUTE);
  expect(scene.presence('slow')).toBe('up');
  await scene.pass(5 * MINUTE);
  expect(scene.presence('slow')).toBe('late');
  await scene.pass(2 * MINUTE);
  expect(scene.presence('slow')).toBe('down');
});

test('a pause in which it was down does not make it slow', async () => {
  await scene.passWriting(MINUTE, 'old1');
  await scene.pass(60 * MINUTE);
  await scene.passWriting(MINUTE, 'old1');
  await scene.pass(45 * SECOND);
  expect(scene.presence('old1')).toBe('down');
});

test('"list" raises no alert, "off" lists none', async () => {
  await scene.restart({ writers: 'list' });
  await scene.passWriting(MINUTE, 'old1');
  await scene.pass(5 * MINUTE);
  expect(scene.presence('old1')).toBe('down');
  expect(scene.field('old1', 'down')).toBeUndefined();
  expect(scene.field('old1', 'up')).toBe(0);
  await scene.restart({ writers: 'off' });
  await scene.passWriting(MINUTE, 'old1');
  expect(scene.part.control!.fleet().hosts).toEqual([]);
});

test('AL-039: one that is down stays down over a restart, others get the whole time again', async () => {
  await scene.passWriting(MINUTE, 'gone', 'there');
  await scene.passWriting(MINUTE, 'there');
  expect(scene.presence('gone')).toBe('down');
  await scene.restart({ writers: 'alert' });
  expect([scene.presence('gone'), scene.presence('there')]).toEqual(['down', 'up']);
  await scene.pass(30 * SECOND);
  expect(scene.presence('there')).toBe('late');
  await scene.pass(20 * SECOND);
  expect(scene.presence('there')).toBe('down');
  expect(scene.events('gone')).toEqual(['writes', 'down']);
});

test('AL-051: most of them silent at once are one alert, and nobody is down for five minutes', async () => {
  await scene.passWriting(2 * MINUTE, 'a', 'b', 'c', 'd');
  await scene.passWriting(MINUTE, 'd');
  expect(['a', 'b', 'c', 'd'].map((name) => scene.presence(name))).toEqual([
    'unreachable',
    'unreachable',
    'unreachable',
    'up',
  ]);
  const site = () => scene.part.events.snapshot().find(({ tags }) => tags['site'] === 'writers')?.fields;
  expect(site()).toEqual({ hosts: 4, silent: 3, is_lost: 1 });
  await scene.passWriting(MINUTE, 'a', 'b', 'c', 'd');
  expect(site()).toEqual({ hosts: 4, silent: 0, is_lost: 0 });
  await scene.passWriting(6 * MINUTE, 'd');
  expect(scene.presence('a')).toBe('down');
});

test('a member and a writer of one name: the member counts, and lines without its key do not make it up', async () => {
  await scene.passWriting(MINUTE, 'web1');
  const member = scene.host('web1');
  const kinds = () => scene.part.control!.fleet().hosts.map(({ name, kind }) => [name, kind]);
  await scene.passHeard(MINUTE, member);
  await scene.passWriting(2 * MINUTE, 'web1');
  expect(kinds()).toEqual([['web1', 'agent']]);
  expect(scene.presence('web1')).toBe('down');
  scene.part.control!.act('forget', 'web1');
  await scene.passWriting(MINUTE, 'web1');
  expect(kinds()).toEqual([['web1', 'writer']]);
  scene.write(member.id);
});

test('AL-050: one that is forgotten ends its alert, and may come back', async () => {
  await scene.passWriting(MINUTE, 'old1');
  await scene.pass(MINUTE);
  const reported: (number | undefined)[] = [];
  const end = scene.part.events.onChange(() => reported.push(scene.field('old1', 'down')));
  expect(scene.part.control!.act('revoke', 'old1')).toBeUndefined();
  expect(scene.part.control!.act('forget', 'old1')).toEqual({ id: 'old1', name: 'old1' });
  await scene.pass(SECOND);
  end();
  expect(reported).toEqual([0]);
  expect(scene.presence('old1')).toBeUndefined();
  await scene.passWriting(MINUTE, 'old1');
  expect(scene.presence('old1')).toBe('up');
});

test('one that is down for the time "forget" is forgotten, also over a restart', async () => {
  const settings = { writers: 'alert', forget: 60 * MINUTE } as const;
  await scene.restart(settings);
  await scene.passWriting(MINUTE, 'old1');
  await scene.pass(40 * MINUTE);
  await scene.restart(settings);
  await scene.pass(15 * MINUTE);
  expect(scene.presence('old1')).toBe('down');
  await scene.pass(6 * MINUTE);
  expect(scene.presence('old1')).toBeUndefined();
  await scene.restart(settings);
  expect(scene.presence('old1')).toBeUndefined();
});

test('a flood of names makes no hosts, and of names that come again at most 5000', async () => {
  for (let index = 0; index < 30_000; index += 1) scene.write(`random-${index}`);
  await scene.pass(10 * SECOND);
  expect(scene.part.control!.fleet().hosts).toEqual([]);
  await scene.passWriting(MINUTE, 'old1');
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 6000; index += 1) scene.write(`again-${index}`);
    await scene.pass(6 * SECOND);
  }
  expect(scene.part.control!.fleet().hosts).toHaveLength(5000);
  expect(scene.presence('old1')).toBe('late');
  expect(scene.log.lines.filter((line) => line.includes('5000 plain writers'))).toHaveLength(1);
  expect(scene.part.control!.events(undefined, 1000)!.events.length).toBeLessThan(150);
});

test('time in which the hub stood still makes nobody silent', async () => {
  await scene.passWriting(MINUTE, 'old1');
  scene.clock.advance(5 * MINUTE);
  await scene.pass(2 * SECOND);
  expect(scene.presence('old1')).not.toBe('down');
});

test('its history is kept under its name, until it is forgotten; one that becomes a member leaves it beside that of the member', async () => {
  await scene.passWriting(MINUTE, 'old1', 'old2');
  expect(Object.fromEntries(scene.named)).toEqual({ old1: 'old1', old2: 'old2' });
  expect(scene.part.control!.host('old1')).toEqual({ id: 'old1', name: 'old1' });
  scene.named.clear();
  await scene.restart({ writers: 'list' });
  await scene.pass(SECOND);
  expect(scene.named.get('old1')).toBe('old1');
  scene.part.control!.act('forget', 'old1');
  await scene.pass(SECOND);
  expect(scene.named.has('old1')).toBe(false);
  expect(scene.part.control!.host('old1')).toBeUndefined();
  const member = scene.host('old2');
  await scene.passHeard(10 * SECOND, member);
  expect(scene.named.get('old2')).toBe('old2~writer');
  expect(scene.named.get(member.id)).toBe('old2');
});
