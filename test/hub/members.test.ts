/** What users do to members: revoke them with what was made of their key, name them, label them. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { newKey } from '../../src/host/hub/membership.ts';
import { CloneRefusal, HubRefusal } from '../../src/hub/control.ts';

import type { Member } from './hub-kit.ts';
import { HubScene } from './hub-kit.ts';

let scene: HubScene;
beforeEach(async () => {
  scene = await HubScene.open();
});
afterEach(() => scene.close());

const control = () => scene.part.control!;
const host = (id: string) =>
  control()
    .fleet()
    .hosts.find((each) => each.id === id)!;

function refusal(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof HubRefusal) return error.code;
    throw error;
  }
  return undefined;
}

/** A process with a copy of the original's state directory, which has become a host of its own. */
function thiefOf(original: Member): Member {
  // A token for a clone is made once a second.
  scene.clock.advance(2000);
  const thief = original.clone();
  thief.signIn();
  original.signIn();
  const token = (() => {
    try {
      thief.signIn();
    } catch (error) {
      if (error instanceof CloneRefusal) return error.token!;
      throw error;
    }
    throw new Error('The thief is no clone');
  })();
  thief.key = newKey();
  thief.join(token);
  return thief;
}

describe('revoke', () => {
  test('what became a host of its own by a copied key waits for approval, in its open session too', async () => {
    const original = scene.host('web1');
    const thief = thiefOf(original);
    thief.signIn();
    await thief.send(1);
    const second = thiefOf(thief);
    const acted = control().act('revoke', original.id)!;
    expect(acted.suspended!.toSorted()).toEqual([thief.id, second.id].toSorted());
    expect(host(thief.id).presence).toBe('pending');
    expect(
      refusal(() => {
        thief.beat();
      }),
    ).toBe('session');
    expect(
      refusal(() => {
        thief.signIn();
      }),
    ).toBe('pending');
    expect(
      refusal(() => {
        second.signIn();
      }),
    ).toBe('pending');
    expect(
      refusal(() => {
        original.signIn();
      }),
    ).toBe('revoked');
    expect(scene.events()).toEqual(expect.arrayContaining(['revoked', 'suspended']));
    await scene.restart();
    expect(
      refusal(() => {
        thief.signIn();
      }),
    ).toBe('pending');
    // The fleet is not waiting for it.
    await scene.pass(600_000);
    expect(scene.part.events.snapshot().filter(({ tags }) => tags['host_id'] === thief.id)).toEqual([]);
  });

  test('one that somebody has approved goes on', () => {
    const original = scene.host('web1');
    const known = thiefOf(original);
    control().act('approve', known.id);
    expect(control().act('revoke', original.id)!.suspended).toBeUndefined();
    known.signIn();
    expect(host(known.id).presence).toBe('up');
  });

  test('after a clone was revoked, the next one made of the same key waits for approval', async () => {
    const original = scene.host('web1');
    const thief = thiefOf(original);
    expect(control().act('revoke', thief.id)!.suspended).toBeUndefined();
    original.signIn();
    await scene.restart();
    original.signIn();
    const again = thiefOf(original);
    expect(
      refusal(() => {
        again.signIn();
      }),
    ).toBe('pending');
    original.signIn();
  });

  test('lines that were being read at that moment are not taken', async () => {
    const member = scene.host('web1');
    const lines = Array.from({ length: 20_000 }, (_, index) => `m,host=web1 v=${index}i ${index}\n`);
    const sent = member.sendLines(lines).catch((error: unknown) => error);
    control().act('revoke', member.id);
    expect(await sent).toMatchObject({ code: 'revoked' });
    expect(scene.lines).toEqual([]);
  });
});

describe('names and labels', () => {
  test('a host is found by the name that people gave it, which no other has; its metrics keep theirs', () => {
    const web = scene.host('ip-10-0-0-7');
    scene.host('web2');
    control().rename(web.id, 'shop front');
    expect(control().host('shop front')?.id).toBe(web.id);
    expect(host(web.id)).toMatchObject({ name: 'ip-10-0-0-7', title: 'shop front' });
    expect(() => control().rename('web2', 'shop front')).toThrow('Another host is called shop front');
    expect(() => control().rename(web.id, 'web2')).toThrow('Another host is called web2');
    expect(scene.field('ip-10-0-0-7', 'up')).toBe(1);
    control().rename('shop front', '');
    expect(host(web.id).title).toBeUndefined();
    expect(control().rename('nobody', 'x')).toBeUndefined();
  });

  test('labels win over the tags of the agent, add to those of its token, survive a restart and can be taken away', async () => {
    const web = scene.host('web1', { site: 'fra1' });
    web.beatWith({ team: 'bank', role: 'web' });
    control().label('web1', { team: 'shop', site: 'ber2' });
    expect(host(web.id)).toMatchObject({
      tags: { team: 'shop', role: 'web', site: 'ber2' },
      labels: { team: 'shop', site: 'ber2' },
    });
    await scene.restart();
    web.signIn();
    web.beatWith({ team: 'bank', role: 'web' });
    expect(host(web.id).tags).toEqual({ team: 'shop', role: 'web', site: 'ber2' });
    control().label('web1', { team: '' });
    expect(host(web.id).tags).toEqual({ role: 'web', site: 'ber2' });
    web.beatWith({ team: 'bank', role: 'web' });
    expect(host(web.id)).toMatchObject({ tags: { team: 'bank' }, labels: { site: 'ber2' } });
  });

  test('a host has at most 50 labels', () => {
    scene.host('web1');
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`l${index}`, 'x']));
    expect(() => control().label('web1', many)).toThrow('at most 50 labels');
  });
});
