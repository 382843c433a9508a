/** What a thief, a member that misbehaves, a clock that steps and a disk that fails can do to a hub. */
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { loadDriver } from '../../src/host/sqlite/driver.ts';
import { newKey } from '../../src/host/hub/membership.ts';
import { CloneRefusal, HubRefusal } from '../../src/hub/control.ts';

import { HubStore } from '../../src/hub/store.ts';

import { HubScene, Member } from './hub-kit.ts';

const DAY = 86_400_000;

let scene: HubScene;
beforeEach(async () => {
  scene = await HubScene.open();
});
afterEach(() => scene.close());

function refusal(work: () => unknown): HubRefusal | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof HubRefusal) return error;
    throw error;
  }
  return undefined;
}

const hosts = () => scene.part.control!.fleet().hosts;
const tokens = () => scene.part.control!.tokens().tokens;

/** A member that a hub takes for a clone of a host: both have spoken, the original again. */
function clonesOf(original: Member): Member {
  const copy = original.clone();
  copy.signIn();
  original.signIn();
  return copy;
}

function cloneToken(copy: Member): string {
  const refused = refusal(() => {
    copy.signIn();
  });
  if (!(refused instanceof CloneRefusal)) throw new Error('The copy is no clone');
  if (refused.token === undefined) throw new Error('The copy has to ask again');
  return refused.token;
}

/** The hub is off for a while. */
async function pause(ms: number): Promise<void> {
  await scene.part.stop();
  scene.clock.advance(ms);
  await scene.start();
}

/** The file cannot be written meanwhile. */
async function unwritable(work: () => Promise<void> | void): Promise<void> {
  const Database = loadDriver();
  const other = new Database(join(scene.folder, 'state', 'hub.db'));
  other.exec('BEGIN IMMEDIATE');
  try {
    await work();
  } finally {
    other.exec('ROLLBACK');
    other.close();
  }
}

/** Lines get into the journal only when the test says so. */
async function slowJournal(): Promise<{ isWritten(): void }> {
  let isWritten: () => void = () => undefined;
  const written = new Promise<void>((resolve) => {
    isWritten = resolve;
  });
  scene.storage = { trouble: undefined, nextLine: 0, written: () => written };
  await scene.restart();
  return { isWritten };
}

describe('thieves', () => {
  test('who knows the public key of a host, and any join token, changes nothing about it', async () => {
    const victim = scene.host('db1');
    await scene.pass(60_000);
    const thief = new Member(scene, 'owned');
    thief.key = { ...newKey(), publicKey: victim.key.publicKey };
    const { token } = scene.token();
    new Member(scene, 'web1').join(token); // The token is used up.
    expect(thief.join(token).id).toBe(victim.id);
    await scene.pass(1000);
    expect(scene.presence('db1')).toBe('down');
    expect(scene.presence('owned')).toBeUndefined();
  });

  test('with manual approval, neither a take-over nor a clone is taken without it', async () => {
    const before = scene.host('db1');
    const copy = clonesOf(scene.host('web1'));
    await scene.restart({ approve: 'manual' });
    await scene.pass(60_000);
    const after = new Member(scene, 'db1');
    expect(after.join(scene.token().token)).toMatchObject({ id: before.id, isApproved: false });
    expect(
      refusal(() => {
        after.signIn();
      })?.code,
    ).toBe('pending');
    // Clones are known again after they have spoken.
    copy.signIn();
    const original = scene.part.control!.host('web1')!;
    expect(original.id).toBe(copy.id);
    const third = clonesOf(copy);
    const token = cloneToken(third);
    third.key = newKey();
    expect(third.join(token).isApproved).toBe(false);
  });

  test('a clone that asks again and again has one token, which ends when its host is revoked', () => {
    const copy = clonesOf(scene.host('web1'));
    const before = tokens().length;
    let token = '';
    for (let index = 0; index < 50; index += 1) token = cloneToken(copy);
    expect(tokens()).toHaveLength(before + 1);
    scene.part.control!.act('revoke', 'web1');
    copy.key = newKey();
    expect(refusal(() => copy.join(token))?.code).toBe('token_unknown');
  });

  test('a clone that asks again costs no write, and one that joins again and again one write a second at most', async () => {
    const copy = clonesOf(scene.host('web1'));
    cloneToken(copy);
    // With a file that cannot be written, a token that is made now would be an error of SQLite.
    await unwritable(() => {
      for (let index = 0; index < 50; index += 1) cloneToken(copy);
    });
    const before = hosts().length;
    for (let index = 0; index < 50; index += 1) {
      const refused = refusal(() => {
        copy.signIn();
      });
      const { token } = refused as CloneRefusal;
      if (token === undefined) continue;
      const own = new Member(scene, 'web1');
      own.join(token);
    }
    expect(hosts()).toHaveLength(before + 1);
    await scene.pass(1000);
    cloneToken(copy);
  });

  test('tokens that expired long ago are not kept', async () => {
    for (let index = 0; index < 5; index += 1) scene.token();
    await pause(DAY / 2);
    scene.token();
    expect(tokens()).toHaveLength(6);
    await pause(DAY);
    scene.token();
    expect(tokens()).toHaveLength(2);
  });

  test('strangers who ask for nonces do not keep members from signing in', () => {
    const member = scene.host('db1');
    const intake = scene.part.intake!;
    const nonce = intake.nonce.bind(intake);
    intake.nonce = (id) => {
      const made = nonce(id);
      for (let index = 0; index < 5001; index += 1) nonce(`stranger-${index}`);
      return made;
    };
    Object.defineProperty(scene.part, 'intake', { value: intake });
    expect(
      refusal(() => {
        member.signIn();
      }),
    ).toBeUndefined();
  });
});

describe('members that misbehave', () => {
  test('one that changes its name all the time fills neither the events nor the log', async () => {
    const member = scene.host('a');
    scene.host('b');
    for (let index = 0; index < 500; index += 1) {
      member.evidence = { ...member.evidence, name: `a${index}`, boot: `boot ${index}`, start: `start ${index}` };
      member.signIn();
      member.beat();
    }
    expect(scene.events().length).toBeLessThan(50);
    await scene.pass(120_000);
    member.evidence = { ...member.evidence, name: 'later' };
    member.beat();
    expect(hosts().map(({ name }) => name)).toContain('later');
  });

  test('one that claims lines that it has not sent is not believed, however many', async () => {
    const member = scene.host('a');
    await member.send(3);
    for (let index = 0; index < 3; index += 1) {
      member.nextLine = 1;
      member.signIn();
      await member.claim({ from: 1, to: Number.MAX_SAFE_INTEGER, size: Number.MAX_SAFE_INTEGER });
    }
    expect(hosts()[0]?.lines.received).toBe(Number.MAX_SAFE_INTEGER);
    const other = scene.host('b');
    await other.claim({ from: 1, to: 4, size: 1_000_000 });
    expect(hosts()[1]?.lines.received).toBe(3);
  });

  test('lines that a slow journal has only now taken do not undo the goodbye of their host', async () => {
    const member = scene.host('a');
    const journal = await slowJournal();
    member.restart();
    const sent = member.send(3);
    await scene.pass(1000);
    member.beat('stop');
    journal.isWritten();
    await sent;
    await scene.pass(60_000);
    expect(scene.presence('a')).toBe('stopped');
  });
});

describe('forgetting', () => {
  test('a host whose lines are on their way stays forgotten, over a restart', async () => {
    const member = scene.host('a');
    const journal = await slowJournal();
    member.restart();
    const sent = member.send(3);
    await scene.pass(1000);
    scene.part.control!.act('forget', 'a');
    journal.isWritten();
    await expect(sent).rejects.toThrow('forgotten');
    await scene.restart();
    expect(hosts()).toEqual([]);
  });

  test('no step of the clock, and no time in which the hub was off, makes it forget a host', async () => {
    const [down, stopped] = [scene.host('a'), scene.host('b')];
    stopped.beat('shutdown');
    await scene.pass(60_000);
    const { now } = scene.clock;
    scene.clock.now = () => now() + 15 * DAY;
    await scene.pass(5000);
    expect(hosts().map(({ name }) => name)).toEqual(['a', 'b']);
    await pause(30 * DAY);
    await scene.pass(5000);
    expect(hosts().map(({ name }) => name)).toEqual(['a', 'b']);
    down.restart();
    stopped.restart();
    await scene.pass(2000);
    expect(hosts().map(({ presence }) => presence)).toEqual(['up', 'up']);
  });

  test('one that nobody approves, or that was revoked, is forgotten after its time; a revoked key is refused for ever', async () => {
    await scene.restart({ approve: 'manual', forget: DAY });
    const waiting = new Member(scene, 'waiting');
    waiting.join(scene.token().token);
    await scene.restart({ forget: DAY });
    const [revoked, there] = [scene.host('revoked'), scene.host('there')];
    await scene.pass(1000);
    scene.part.control!.act('revoke', 'revoked');
    await scene.passHeard(DAY - 60_000, there);
    expect(hosts().map(({ name }) => name)).toEqual(['revoked', 'there', 'waiting']);
    await scene.passHeard(120_000, there);
    expect(hosts().map(({ name }) => name)).toEqual(['there']);
    for (let index = 0; index < 2; index += 1) {
      expect(
        refusal(() => {
          revoked.signIn();
        })?.code,
      ).toBe('revoked');
      expect(refusal(() => revoked.join(scene.token().token))?.code).toBe('revoked');
      expect(
        refusal(() => {
          waiting.signIn();
        })?.code,
      ).toBe('unknown');
      await scene.restart({ forget: DAY });
    }
    revoked.key = newKey();
    revoked.join(scene.token().token);
    revoked.signIn();
    expect(scene.presence('revoked')).toBe('up');
  });

  test('of the keys that were revoked and forgotten, the newest are known', async () => {
    await scene.part.stop();
    const store = new HubStore(join(scene.folder, 'state'));
    const keys = Array.from({ length: 10_050 }, (_, index) => ({ id: `id-${index}`, key: `key-${index}`, at: index }));
    store.write({ revoked: keys });
    expect(store.revoked()).toEqual(keys.slice(50));
    store.close();
    await scene.start();
  });

  test('a file that cannot be written does not end the watch', async () => {
    const gone = new Member(scene, 'a');
    gone.join(scene.token({ forgetAfterMs: 60_000 }).token);
    gone.signIn();
    await scene.pass(58_000);
    const other = scene.host('b');
    await unwritable(() => scene.passHeard(10_000, other));
    expect(hosts()).toHaveLength(2);
    await scene.pass(50_000);
    expect(hosts().map(({ name, presence }) => [name, presence])).toEqual([['b', 'down']]);
    await scene.restart();
    expect(hosts()).toHaveLength(1);
  });
});

describe('a file that cannot be written', () => {
  test('a join that failed has not used its token, and leaves no host', async () => {
    const { token } = scene.token();
    const member = new Member(scene, 'a');
    await unwritable(() => {
      expect(() => member.join(token)).toThrow(/locked/);
    });
    expect(hosts()).toEqual([]);
    expect(tokens()).toMatchObject([{ used: 0 }]);
    member.key = newKey();
    member.join(token);
    expect(scene.events()).toEqual(['joined']);
  });

  test('a host that was revoked is refused, but the answer says that it is not on disk', async () => {
    const member = scene.host('a');
    await unwritable(() => {
      expect(() => scene.part.control!.act('revoke', 'a')).toThrow(/locked/);
    });
    expect(
      refusal(() => {
        member.signIn();
      })?.code,
    ).toBe('revoked');
    await scene.pass(2000);
    await scene.restart();
    expect(
      refusal(() => {
        member.signIn();
      })?.code,
    ).toBe('revoked');
  });

  test('lines that come again are confirmed only when the account of them is on disk', async () => {
    const member = scene.host('a');
    await unwritable(async () => {
      await expect(member.send(3)).rejects.toThrow(/locked/);
      await expect(member.sendRun(1, 4)).rejects.toThrow(/locked/);
    });
    await member.sendRun(1, 4);
    expect(scene.lines).toHaveLength(3);
  });
});

describe('presence', () => {
  test('hosts that were revoked do not make their site lost', async () => {
    const there = scene.host('there');
    for (const name of ['a', 'b', 'c', 'd']) {
      scene.host(name);
      scene.part.control!.act('revoke', name);
    }
    await scene.passHeard(60_000, there);
    expect(scene.events()).not.toContain('site_lost');
  });

  test('a host that waited for approval is not down at the moment that it gets it', async () => {
    await scene.restart({ approve: 'manual' });
    const member = new Member(scene, 'a');
    member.join(scene.token().token);
    for (let waited = 0; waited < 600_000; waited += 5000) {
      expect(
        refusal(() => {
          member.signIn();
        })?.code,
      ).toBe('pending');
      await scene.pass(5000);
    }
    scene.part.control!.act('approve', 'a');
    await scene.pass(4000);
    member.signIn();
    await scene.pass(2000);
    expect(scene.events('a')).toEqual(['joined', 'approved']);
  });
});
