import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { CloneRefusal, HubRefusal } from '../../src/hub/control.ts';
import { newKey } from '../../src/host/hub/membership.ts';

import { HubScene, Member } from './hub-kit.ts';

let scene: HubScene;
beforeEach(async () => {
  scene = await HubScene.open();
});
afterEach(() => scene.close());

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof HubRefusal) return error.code;
    throw error;
  }
  return 'none';
}

describe('joining', () => {
  test('a token gives its tags, as often as it says, until it ends', () => {
    const { token, id } = scene.token({ uses: 2, tags: { role: 'db' } });
    new Member(scene, 'db1').join(token);
    new Member(scene, 'db2').join(token);
    expect(refusal(() => new Member(scene, 'db3').join(token))).toBe('token_used');
    expect(scene.part.control!.fleet().hosts.map(({ name, tags }) => [name, tags])).toEqual([
      ['db1', { role: 'db' }],
      ['db2', { role: 'db' }],
    ]);
    expect(scene.part.control!.tokens().tokens).toMatchObject([{ id, uses: 2, used: 2 }]);
    expect(scene.part.control!.endToken(id)).toBe(true);
    expect(refusal(() => new Member(scene, 'db3').join(token))).toBe('token_unknown');
  });

  test('a token expires, and one that was made up is unknown', async () => {
    const { token } = scene.token();
    await scene.pass(3_600_001);
    expect(refusal(() => new Member(scene, 'db1').join(token))).toBe('token_expired');
    expect(refusal(() => new Member(scene, 'db1').join('hd_join_made-up-by-somebody-0123'))).toBe('token_unknown');
  });

  test('an answer that was lost: the same key joins again with the same token, and counts once', () => {
    const { token } = scene.token();
    const member = new Member(scene, 'db1');
    const first = member.join(token);
    expect(member.join(token)).toEqual(first);
    expect(refusal(() => new Member(scene, 'db2').join(token))).toBe('token_used');
  });

  test('nobody else has the key: neither a signature of another one nor a nonce twice opens a session', () => {
    const member = scene.host('db1');
    const thief = member.clone();
    thief.key = newKey();
    expect(
      refusal(() => {
        thief.signIn();
      }),
    ).toBe('unknown');
    thief.id = 'not-a-host';
    expect(
      refusal(() => {
        thief.signIn();
      }),
    ).toBe('unknown');
  });

  test('with manual approval a host waits', async () => {
    await scene.restart({ approve: 'manual' });
    const member = new Member(scene, 'db1');
    expect(member.join(scene.token().token).isApproved).toBe(false);
    expect(
      refusal(() => {
        member.signIn();
      }),
    ).toBe('pending');
    await scene.pass(100_000);
    expect(scene.presence('db1')).toBe('pending');
    scene.part.control!.act('approve', 'db1');
    member.signIn();
    member.beat();
    await scene.pass(1000);
    expect(scene.presence('db1')).toBe('up');
  });

  test('a revoked host is refused at once, over a restart, and raises no alarm', async () => {
    const member = scene.host('db1');
    scene.part.control!.act('revoke', 'db1');
    for (const what of ['approve', 'rotate'] as const)
      expect(() => scene.part.control!.act(what, 'db1')).toThrow(/^db1 was revoked, which holds/);
    expect(
      refusal(() => {
        member.beat();
      }),
    ).toBe('session');
    expect(
      refusal(() => {
        member.signIn();
      }),
    ).toBe('revoked');
    await scene.restart();
    expect(
      refusal(() => {
        member.signIn();
      }),
    ).toBe('revoked');
    await scene.pass(100_000);
    expect(scene.field('db1', 'down')).toBe(0);
  });

  test('an agent that is newer than the hub is told so', () => {
    const member = new Member(scene, 'db1');
    member.evidence = { ...member.evidence, protocol: 99 };
    expect(refusal(() => member.join(scene.token().token))).toBe('version');
  });
});

describe('identity', () => {
  test('a clone becomes a host of its own; both go on, and an event says so', async () => {
    const original = scene.host('web1');
    const copy = original.clone();
    copy.signIn();
    // The original has lost its session to the copy, and signs in again.
    expect(
      refusal(() => {
        original.beat();
      }),
    ).toBe('session');
    original.signIn();
    expect(
      refusal(() => {
        copy.beat();
      }),
    ).toBe('session');
    let given = '';
    try {
      copy.signIn();
    } catch (error) {
      expect(error).toBeInstanceOf(CloneRefusal);
      given = (error as CloneRefusal).token ?? '';
    }
    copy.key = newKey();
    copy.join(given);
    copy.signIn();
    for (const member of [original, copy, original, copy]) member.beat();
    await scene.pass(1000);
    expect(original.id).not.toBe(copy.id);
    expect(scene.part.control!.fleet().hosts).toMatchObject([{ name: 'web1' }, { name: 'web1' }]);
    expect(
      scene.part
        .control!.fleet()
        .hosts.map(({ clonedFrom }) => clonedFrom)
        .sort(),
    ).toEqual([original.id, null].sort());
    expect(scene.events()).toContain('cloned');
  });

  test('what a clone has sent before it was found is no gap in the account of the original', async () => {
    const original = scene.host('web1');
    original.nextLine = 100;
    await original.send(10);
    const copy = original.clone();
    copy.signIn();
    await copy.send(5);
    original.signIn();
    await original.send(2);
    original.beat();
    expect(scene.part.control!.fleet().hosts[0]?.lines).toMatchObject({ received: 17, missing: 0, lost: 0 });
  });

  test('lines of a process that was replaced meanwhile are taken, and not counted', async () => {
    let release!: () => void;
    const written = new Promise<void>((resolve) => (release = resolve));
    scene.storage = { trouble: undefined, nextLine: 0, written: () => written };
    await scene.restart();
    const original = scene.host('web1');
    original.nextLine = 100;
    const copy = original.clone();
    copy.signIn();
    const sent = copy.send(5);
    original.signIn();
    release();
    await sent;
    expect(scene.lines).toHaveLength(5);
    await original.send(2);
    expect(scene.part.control!.fleet().hosts[0]?.lines).toMatchObject({ received: 2, missing: 0 });
  });

  test('a process that starts again is no clone', () => {
    const member = scene.host('web1');
    for (let index = 0; index < 40; index += 1) member.restart();
    member.beat();
    expect(scene.events()).toEqual(['joined']);
  });

  test('a lost state directory on a known machine whose predecessor is silent goes on as the same host', async () => {
    const before = scene.host('web1');
    await before.send(10);
    await scene.pass(60_000);
    const after = new Member(scene, 'web1');
    after.join(scene.token().token);
    after.signIn();
    expect(after.id).toBe(before.id);
    await after.send(5);
    expect(scene.part.control!.fleet().hosts).toMatchObject([{ lines: { received: 15, missing: 0, lost: 0 } }]);
    expect(
      refusal(() => {
        before.signIn();
      }),
    ).toBe('unknown');
  });

  test('a host that joins again has what its new token grants', async () => {
    const before = new Member(scene, 'web1');
    before.join(scene.token({ tags: { role: 'web', site: 'ams1' }, forgetAfterMs: 3_600_000 }).token);
    before.signIn();
    await scene.pass(60_000);
    const after = new Member(scene, 'web1');
    after.join(scene.token({ tags: { role: 'db' }, forgetAfterMs: 120_000 }).token);
    after.signIn();
    after.beat();
    expect(after.id).toBe(before.id);
    const [host] = scene.part.control!.fleet().hosts;
    expect(host?.tags).toEqual({ role: 'db' });
    await scene.pass(150_000);
    expect(scene.part.control!.fleet().hosts).toEqual([]);
  });

  test('two machines of one image that join one after the other are two hosts', async () => {
    const first = scene.host('localhost');
    await scene.pass(20_000);
    const second = new Member(scene, 'localhost');
    second.join(scene.token().token);
    expect(second.id).not.toBe(first.id);
    first.restart();
  });

  test('two machines of one name are two hosts, also while one is silent', async () => {
    scene.host('web1');
    await scene.pass(20_000);
    const other = new Member(scene, 'web1');
    other.evidence = { ...other.evidence, machine: 'another' };
    other.join(scene.token().token);
    expect(scene.part.control!.fleet().hosts).toHaveLength(2);
    expect(scene.part.control!.act('forget', 'web1')).toBeUndefined();
    expect(scene.part.control!.act('forget', other.id)).toEqual({ id: other.id, name: 'web1' });
  });

  test('a rename keeps the host, and its former name', async () => {
    const member = scene.host('web1');
    member.evidence = { ...member.evidence, name: 'web-eu-1' };
    member.beat();
    await scene.pass(1000);
    expect(scene.part.control!.fleet().hosts).toMatchObject([
      { id: member.id, name: 'web-eu-1', formerNames: [{ name: 'web1' }] },
    ]);
    await scene.pass(1000);
    expect([...scene.named]).toEqual([[member.id, 'web-eu-1']]);
    scene.part.control!.act('forget', 'web-eu-1');
    await scene.pass(1000);
    expect([...scene.named]).toEqual([]);
  });
});

describe('presence', () => {
  test('AL-038, AL-052: a host that never joined raises nothing; one that is killed is down, one that said goodbye is not', async () => {
    const [killed, stopped] = [scene.host('a'), scene.host('b')];
    killed.beat();
    stopped.beat('stop');
    await scene.pass(50_000);
    expect(scene.presence('a')).toBe('down');
    expect(scene.presence('b')).toBe('stopped');
    expect(scene.field('a', 'down')).toBe(1);
    expect(scene.field('b', 'down')).toBe(0);
    expect(scene.part.events.snapshot()).toHaveLength(3);
  });

  test('AL-039, AL-045: a hub that restarts still knows who is down, and sees who has come back', async () => {
    const [a, b] = [scene.host('a'), scene.host('b')];
    await scene.pass(60_000);
    await scene.restart();
    expect(scene.presence('a')).toBe('down');
    b.restart();
    await scene.pass(2000);
    expect(scene.presence('a')).toBe('down');
    expect(scene.presence('b')).toBe('up');
    expect(scene.events('a')).toEqual(['joined', 'down']);
    expect(scene.events('b')).toEqual(['joined', 'down', 'up']);
    a.restart();
    await scene.pass(2000);
    expect(scene.presence('a')).toBe('up');
  });

  test('AL-040: a hub that restarts while a host is about to be down reports it one full delay later', async () => {
    scene.host('a');
    await scene.pass(40_000);
    await scene.restart();
    await scene.pass(43_000);
    expect(scene.presence('a')).toBe('late');
    await scene.pass(4000);
    expect(scene.presence('a')).toBe('down');
  });

  test('AL-042, AL-043, AL-048, AL-049: late and back is silent, down and back is an event; never down after up', async () => {
    const a = scene.host('a');
    for (const silence of [5000, 10_000, 14_000, 30_000, 44_000]) {
      await scene.pass(silence);
      a.beat();
    }
    expect(scene.events('a')).toEqual(['joined']);
    await scene.pass(44_999);
    a.beat();
    await scene.pass(1);
    await scene.pass(2000);
    expect(scene.events('a')).toEqual(['joined']);
    await scene.pass(50_000);
    a.beat();
    await scene.pass(1000);
    expect(scene.events('a')).toEqual(['joined', 'down', 'up']);
  });

  test('AL-050: a host that is forgotten reports nothing any more, and may join again', async () => {
    const a = scene.host('a');
    await scene.pass(60_000);
    scene.part.control!.act('forget', 'a');
    // Once more, so that its alerts end.
    expect(scene.field('a', 'down')).toBe(0);
    await scene.pass(1000);
    expect(scene.part.events.snapshot().filter(({ name }) => name === 'fleet_host')).toEqual([]);
    expect(
      refusal(() => {
        a.signIn();
      }),
    ).toBe('unknown');
    a.join(scene.token().token);
    a.signIn();
    expect(scene.presence('a')).toBe('up');
  });

  test('an ephemeral host is forgotten after its time, others after theirs', async () => {
    const a = new Member(scene, 'a');
    a.join(scene.token({ forgetAfterMs: 120_000 }).token);
    a.signIn();
    scene.host('b');
    await scene.pass(200_000);
    expect(scene.part.control!.fleet().hosts.map(({ name }) => name)).toEqual(['b']);
  });

  test('AL-051: twenty of 25 hosts vanish: unreachable and one lost site; after five minutes the missing are down', async () => {
    const hosts = Array.from({ length: 25 }, (_, index) =>
      scene.host(`h${String(index).padStart(2, '0')}`, { site: 'fra1' }),
    );
    const others = Array.from({ length: 5 }, (_, index) => scene.host(`o${index}`, { site: 'ams1' }));
    const there = [...hosts.slice(20), ...others];
    await scene.passHeard(60_000, ...there);
    expect(scene.presence('h00')).toBe('unreachable');
    expect(scene.events().filter((kind) => kind === 'down')).toEqual([]);
    expect(scene.events().filter((kind) => kind === 'site_lost')).toHaveLength(1);
    expect(scene.part.control!.fleet().sites).toContainEqual({ site: 'fra1', hosts: 25, silent: 20, isLost: true });
    await scene.passHeard(10_000, ...there, ...hosts.slice(0, 18));
    expect(scene.events()).toContain('site_back');
    expect(scene.presence('h00')).toBe('up');
    // The last are given a moment more: agents that lost the hub together do not speak at once.
    await scene.passHeard(5000, ...there, ...hosts.slice(0, 18));
    expect(scene.presence('h19')).toBe('unreachable');
    await scene.passHeard(5000, ...there, ...hosts.slice(0, 19));
    expect([scene.presence('h18'), scene.presence('h19')]).toEqual(['up', 'unreachable']);
    await scene.passHeard(10_000, ...there, ...hosts.slice(0, 19));
    expect([scene.presence('h18'), scene.presence('h19')]).toEqual(['up', 'down']);
    expect(scene.events().filter((kind) => kind === 'down')).toHaveLength(1);
  });

  test('AL-051: a site that stays lost: its hosts are down after five minutes', async () => {
    for (const name of ['a', 'b', 'c', 'd']) scene.host(name);
    await scene.pass(300_000);
    expect(scene.presence('a')).toBe('unreachable');
    await scene.pass(30_000);
    expect(scene.presence('a')).toBe('down');
  });

  test('AL-051: hosts that fall silent together are one lost site, however close late and down are', async () => {
    await scene.restart({ late: 10_000, down: 14_000 });
    const hosts = ['a', 'b', 'c', 'd'].map((name) => scene.host(name));
    await scene.pass(4900);
    for (const host of hosts.slice(1)) host.beat();
    await scene.pass(30_000);
    expect(hosts.map(({ evidence }) => scene.presence(evidence.name))).toEqual(Array(4).fill('unreachable'));
    expect(scene.events()).not.toContain('down');
  });

  test('AL-054: time in which the hub itself stood still counts for nobody', async () => {
    const a = scene.host('a');
    await scene.pass(5000);
    a.beat();
    scene.clock.advance(7_200_000);
    await scene.pass(1000);
    expect(scene.presence('a')).toBe('up');
    expect(scene.events()).toContain('frozen');
    await scene.pass(50_000);
    expect(scene.presence('a')).toBe('down');
  });

  test('a reboot is an event with its downtime, and no alarm', async () => {
    const a = scene.host('a');
    a.beat('reboot');
    await scene.pass(80_000);
    expect(scene.presence('a')).toBe('late');
    a.restart('another boot');
    await scene.pass(1000);
    expect(scene.events('a')).toEqual(['joined', 'rebooted']);
    const [newest] = scene.part.control!.events('a', 1)!.events;
    expect(newest?.text).toBe('a was rebooted; the hub heard nothing of it for 1m20s');
  });
});

describe('lines', () => {
  test('go on when they are in the journal, and the account of them is on disk', async () => {
    const a = scene.host('a');
    await a.send(3);
    await a.send(2);
    expect(scene.lines).toHaveLength(5);
    expect(scene.lines[0]).toBe('m,host=a v=1i 1');
    await scene.restart();
    a.restart();
    await a.send(1);
    expect(scene.part.control!.fleet().hosts[0]?.lines).toMatchObject({ received: 6, missing: 0, lost: 0 });
  });

  test('that come twice are taken once', async () => {
    const a = scene.host('a');
    await a.send(3);
    await a.sendRun(1, 4);
    expect(scene.lines).toHaveLength(3);
  });

  test('that an agent has lost are counted when it has nothing left to send', async () => {
    const a = scene.host('a');
    await a.send(3);
    await a.send(3, 100);
    a.beat(undefined, 7);
    expect(scene.part.control!.fleet().hosts[0]?.lines).toMatchObject({ missing: 100, lost: 0 });
    a.beat();
    expect(scene.part.control!.fleet().hosts[0]?.lines).toMatchObject({ missing: 0, lost: 100 });
    expect(scene.events('a')).toEqual(['joined', 'lines_lost']);
  });

  test('of a hub that was restored from a backup: agents are ahead of it, go on, and what it does not have is counted', async () => {
    const a = scene.host('a');
    await a.send(3);
    await scene.part.stop();
    const [state, backup] = [join(scene.folder, 'state'), join(scene.folder, 'backup')];
    cpSync(state, backup, { recursive: true });
    await scene.start();
    a.restart();
    await a.send(50);
    await scene.part.stop();
    rmSync(state, { recursive: true });
    renameSync(backup, state);
    await scene.start();
    a.restart();
    await a.send(4);
    a.beat();
    expect(scene.part.control!.fleet().hosts[0]?.lines).toMatchObject({ received: 7, missing: 0, lost: 50 });
  });

  test('are not confirmed while the journal cannot be written', async () => {
    const a = scene.host('a');
    scene.storage = { trouble: undefined, nextLine: 0, written: () => Promise.reject(new Error('disk full')) };
    await scene.restart();
    a.restart();
    await expect(a.send(3)).rejects.toThrow('disk full');
    expect(scene.part.control!.fleet().hosts[0]?.lines.received).toBe(0);
  });
});
