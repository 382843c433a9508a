/** Of several hubs that an agent has joined, one reports that its host is away. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { HubScene, Member } from './hub-kit.ts';

let scene: HubScene;
let first: Member;
let web1: Member;

beforeEach(async () => {
  scene = await HubScene.open({ probe_ports: [] });
  first = new Member(scene, 'first');
  first.evidence = { ...first.evidence, hub: 'id-of-first' };
  first.join(scene.token().token);
  first.signIn();
  web1 = scene.host('web1');
  web1.before = ['id-of-first'];
  web1.beat();
});

afterEach(() => scene.close());

const down = (name: string) => scene.field(name, 'down');

describe('a host whose agent asks another hub first', () => {
  test('is not reported while that hub is there, and shown as it is', async () => {
    await scene.passHeard(60_000, first);
    expect(scene.presence('web1')).toBe('down');
    expect([down('web1'), scene.field('web1', 'up')]).toEqual([0, 0]);
  });

  test('is reported when that hub is away too, until the host is back, although that hub is back before', async () => {
    await scene.pass(60_000);
    expect([down('first'), down('web1')]).toEqual([1, 1]);
    await scene.passHeard(60_000, first);
    expect([down('first'), down('web1')]).toEqual([0, 1]);
    await scene.restart({ probe_ports: [] });
    first.signIn();
    await scene.passHeard(60_000, first);
    expect(down('web1')).toBe(1);
    web1.signIn();
    await scene.passHeard(10_000, first, web1);
    expect(down('web1')).toBe(0);
  });

  test('is not reported again when that hub dies after it had the time to do so', async () => {
    await scene.passHeard(120_000, first);
    await scene.pass(60_000);
    expect([down('first'), down('web1')]).toEqual([1, 0]);
  });

  test('is reported if that hub is no host of this one, or was revoked', async () => {
    scene.part.control!.act('revoke', 'first');
    await scene.pass(60_000);
    expect(down('web1')).toBe(1);
  });

  test('a site is lost for this hub when its hosts have no other', async () => {
    const others = ['web2', 'web3', 'web4'].map((name) => scene.host(name));
    for (const host of others) {
      host.before = ['id-of-first'];
      host.beat();
    }
    const lost = () => scene.part.events.snapshot().find(({ name }) => name === 'fleet_site')?.fields['is_lost'];
    await scene.passHeard(60_000, first);
    expect(lost()).toBe(0);
    await scene.pass(60_000);
    expect(lost()).toBe(1);
  });
});

test('a hub that has joined itself is refused, with what to do', () => {
  const self = new Member(scene, 'hub');
  self.join(scene.token().token);
  self.evidence = { ...self.evidence, hub: scene.part.id };
  expect(() => {
    self.signIn();
  }).toThrow(/has joined itself; run "healthd leave"/);
});
