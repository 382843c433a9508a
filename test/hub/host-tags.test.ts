/** Under which name the lines of a member go on: its own, that of what it looks after, never that of another member. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { HubScene, Member } from './hub-kit.ts';

let scene: HubScene;
beforeEach(async () => {
  scene = await HubScene.open();
});
afterEach(() => scene.close());

const short = ({ id }: Member) => id.slice(0, 6);

/** A member under a name that another one has already. */
function second(name: string): Member {
  scene.clock.advance(1);
  const member = new Member(scene, name);
  member.evidence = { ...member.evidence, machine: `another-${name}` };
  member.join(scene.token().token);
  member.signIn();
  return member;
}

test('lines under the name of another member, or of the hub, are kept as its own, and the host is warned', async () => {
  const [a] = [scene.host('a'), scene.host('b')];
  await a.sendLines(['m,host=b v=1i 1\n', 'm,host=hub v=2i 2\n', 'm,host=a v=3i 3\n']);
  expect(scene.lines).toEqual([
    'm,claimed_host=b,host=a v=1i 1',
    'm,claimed_host=hub,host=a v=2i 2',
    'm,host=a v=3i 3',
  ]);
  const { warnings = [] } = a.beat();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^Lines with the name of another host \(b, hub\): they are kept as lines of this host/);
  await scene.passHeard(700_000, a);
  expect(a.beat().warnings).toEqual([]);
});

test('containers, devices and agents that write through a member keep their names; lines without one get its name', async () => {
  const a = scene.host('a');
  await a.sendLines(['m,agent_host=b,host=switch-7 v=1i 1\n', 'm v=2i 2\n']);
  expect(scene.lines).toEqual(['m,agent_host=b,host=switch-7 v=1i 1', 'm,host=a v=2i 2']);
  expect(a.beat().warnings).toEqual([]);
});

test('a name of before is still good, until another member has it', async () => {
  const a = scene.host('a');
  a.evidence = { ...a.evidence, name: 'a2' };
  a.beat();
  await a.sendLines(['m,host=a v=1i 1\n']);
  const b = scene.host('b');
  b.evidence = { ...b.evidence, name: 'a' };
  b.beat();
  await a.sendLines(['m,host=a v=2i 2\n'], 2);
  expect(scene.lines).toEqual(['m,host=a v=1i 1', 'm,claimed_host=a,host=a2 v=2i 2']);
});

test('of two hosts with one name the first has it, the other a part of its id behind it, also in the history', async () => {
  const [first, other] = [scene.host('web1'), second('web1')];
  await first.send(1);
  await other.send(1);
  expect(scene.lines).toEqual(['m,host=web1 v=1i 1', `m,host=web1~${short(other)} v=1i 1`]);
  await scene.pass(1000);
  expect(Object.fromEntries(scene.named)).toEqual({ [first.id]: 'web1', [other.id]: `web1~${short(other)}` });

  // Nobody takes it from a host that is there, whatever it says.
  scene.clock.advance(1);
  const thief = scene.host('thief');
  thief.evidence = { ...thief.evidence, name: 'web1' };
  thief.beat();
  await thief.send(1);
  expect(scene.lines.at(-1)).toBe(`m,host=web1~${short(thief)} v=1i 1`);
});

test('the name of a host that is down goes to the next one, and back when it is there again', async () => {
  const [first, other] = [scene.host('web1'), second('web1')];
  await scene.passHeard(60_000, other);
  expect(
    scene.part
      .control!.fleet()
      .hosts.map(({ presence }) => presence)
      .sort(),
  ).toEqual(['down', 'up']);
  await other.send(1);
  expect(scene.lines).toEqual(['m,host=web1 v=1i 1']);
  first.restart();
  await first.send(1);
  await other.send(1);
  expect(scene.lines.slice(1)).toEqual(['m,host=web1 v=1i 1', `m,host=web1~${short(other)} v=2i 2`]);
});

test('a host that is not approved, or was revoked, takes no name from anybody', async () => {
  await scene.restart({ approve: 'manual' });
  const waiting = new Member(scene, 'b');
  waiting.join(scene.token().token);
  await scene.restart();
  const [a, c] = [scene.host('a'), scene.host('c')];
  scene.part.control!.act('revoke', c.id);
  await a.sendLines(['m,host=b v=1i 1\n', 'm,host=c v=2i 2\n']);
  expect(scene.lines).toEqual(['m,host=b v=1i 1', 'm,host=c v=2i 2']);
});

test('a history that is turned on by a reload learns the names at once', async () => {
  scene.hasHistory = false;
  const a = scene.host('a');
  await scene.pass(10_000);
  expect(scene.named.size).toBe(0);
  scene.hasHistory = true;
  await scene.reload();
  await scene.pass(1000);
  expect([...scene.named]).toEqual([[a.id, 'a']]);
});

test('a host with more series than the history keeps is warned', async () => {
  const [a, b] = [scene.host('a'), scene.host('b')];
  scene.crowded.push(a.id, 'a host that is not a member');
  await scene.passHeard(60_000, a, b);
  expect(a.beat().warnings).toEqual([expect.stringMatching(/^The history of the hub has no room for more series/)]);
  expect(b.beat().warnings).toEqual([]);
});
