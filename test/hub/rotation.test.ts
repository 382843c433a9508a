/** A host changes its key; whoever stops in between, it goes on, and the old key is worth nothing in the end. */
import { sign } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { keyOfferText, type HostEvidence } from '../../src/api/hub-protocol.ts';
import { createHttpClient } from '../../src/host/http-client.ts';
import { Link } from '../../src/host/hub/link.ts';
import { Memberships, newKey, type Membership } from '../../src/host/hub/membership.ts';
import { HubRefusal } from '../../src/hub/control.ts';
import type { HttpClient } from '../../src/plugin/index.ts';
import { manualClock } from '../../src/testing.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { waitFor } from '../support/servers/real-server.ts';

import { HubScene, Member } from './hub-kit.ts';

const DAY = 86_400_000;

let scene: HubScene;
let server: ApiServer;
let agent: Agent;

/** An agent with a real link, whose requests may be lost on their way, there or back. */
class Agent {
  readonly folder = mkdtempSync(join(tmpdir(), 'healthd-agent-'));
  readonly clock = manualClock();
  readonly log = recordingLog();
  /** Called after each answer of a path; throws to lose it. */
  lose: (path: string, when: 'before' | 'after') => void = () => undefined;
  evidence: HostEvidence;
  #link: Link | undefined;

  constructor(evidence: HostEvidence) {
    this.evidence = evidence;
  }

  get file(): Membership {
    return JSON.parse(readFileSync(join(this.folder, 'hub.json'), 'utf8')) as Membership;
  }

  start(): void {
    const http = createHttpClient({});
    const losing: HttpClient = async (request, signal) => {
      const path = new URL(request.url).pathname.split('/').at(-1)!;
      this.lose(path, 'before');
      const answer = await http(request, signal);
      this.lose(path, 'after');
      return answer;
    };
    this.#link = new Link({
      name: 'hub',
      order: () => 0,
      memberships: new Memberships(this.folder, () => ['hub']),
      evidence: () => this.evidence,
      tags: () => ({}),
      nextLine: () => 1,
      pending: () => 0,
      isStopping: () => false,
      alerts: undefined,
      inventory: () => Promise.resolve(undefined),
      goodbye: () => Promise.resolve('stop'),
      http: losing,
      clock: this.clock,
      random: () => 0,
      log: this.log,
    });
  }

  /** As after `kill -9`: nothing is said, and what was in memory is gone. */
  restart(): void {
    this.abandon();
    this.evidence = { ...this.evidence, start: `${this.evidence.start}+` };
    this.start();
  }

  abandon(): void {
    this.lose = () => {
      throw new Error('The process is gone');
    };
    void this.#link?.close();
    this.lose = () => undefined;
  }

  /** Heartbeats until it is so. */
  async until(isSo: () => boolean): Promise<void> {
    await waitFor(
      () => {
        this.clock.advance(5000);
        return Promise.resolve(isSo());
      },
      { timeout: 20_000, interval: 20 },
    );
  }
}

beforeEach(async () => {
  scene = await HubScene.open();
  server = await startApiServer({ sources: { hub: () => scene.part.control, intake: () => scene.part.intake } });
  const member = scene.host('web1');
  agent = new Agent(member.evidence);
  await keep(agent.folder, { hub: server.origin, hubId: scene.part.id, id: member.id, key: member.key.privateKey });
  agent.start();
  await agent.until(() => scene.presence('web1') === 'up');
});

afterEach(async () => {
  agent.abandon();
  await server.close();
  await scene.close();
  rmSync(agent.folder, { recursive: true });
});

const control = () => scene.part.control!;
const changes = () => scene.events('web1').filter((kind) => kind === 'key_changed').length;
const isHeard = () => {
  const before = control().fleet().hosts[0]!.heardAt;
  scene.clock.advance(1000);
  return () => control().fleet().hosts[0]!.heardAt > before;
};

/** One who has a copy of hub.json. */
function thiefWith(key: string): Member {
  const thief = new Member(scene, 'web1');
  thief.id = agent.file.id;
  thief.key = { privateKey: key, publicKey: '' };
  return thief;
}

function refusalOf(work: () => void): HubRefusal | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof HubRefusal) return error;
    throw error;
  }
  return undefined;
}

test('a host that is asked has another key, in a file for its owner only; the old one opens nothing, and its use is an event', async () => {
  const old = agent.file;
  control().act('rotate', 'web1');
  await agent.until(() => changes() === 1 && agent.file.key !== old.key);
  expect(agent.file).toMatchObject({ id: old.id, formerKey: old.key });
  expect(agent.file.nextKey).toBeUndefined();
  expect(statSync(join(agent.folder, 'hub.json')).mode & 0o777).toBe(0o600);
  await agent.until(isHeard());
  const refusal = refusalOf(() => {
    thiefWith(old.key).signIn();
  });
  expect([refusal?.code, refusal?.message]).toEqual(['unknown', expect.stringContaining('was replaced')]);
  expect(scene.events('web1')).toContain('old_key');
  // Once asked, once changed.
  await agent.until(isHeard());
  expect(changes()).toBe(1);
});

test('after 90 days it is asked by itself', async () => {
  scene.clock.advance(89 * DAY);
  await agent.until(isHeard());
  expect(changes()).toBe(0);
  scene.clock.advance(2 * DAY);
  await agent.until(() => changes() === 1);
});

describe('whoever stops in between, the host goes on with one key in the end', () => {
  /** What is lost, and who is gone then. */
  const points = ['before', 'after'].flatMap((when) =>
    ['key', 'nonce', 'session'].flatMap((path) => ['agent', 'hub', 'nobody'].map((who) => [when, path, who] as const)),
  );

  test.each(points)('%s the request %s; gone: %s', async (when, path, who) => {
    const old = agent.file;
    let isLost = false;
    agent.lose = (asked, now) => {
      const isOffered = agent.file.nextKey !== undefined;
      if (isLost || asked !== path || now !== when || !isOffered) return;
      isLost = true;
      throw new Error('The answer is lost');
    };
    control().act('rotate', 'web1');
    await agent.until(() => isLost);
    if (who === 'agent') agent.restart();
    if (who === 'hub') await scene.restart();
    await agent.until(() => changes() === 1 && agent.file.nextKey === undefined);
    await agent.until(isHeard());
    expect(agent.file.key).not.toBe(old.key);
    expect(
      refusalOf(() => {
        thiefWith(old.key).signIn();
      })?.code,
    ).toBe('unknown');
    expect(scene.events('web1')).not.toContain('cloned');
    expect(control().fleet().hosts).toHaveLength(1);
  });

  test('a new key that could not be kept is found again at the next start', async () => {
    control().act('rotate', 'web1');
    let file = '';
    agent.lose = (path, when) => {
      if (path === 'session' && when === 'before') file = readFileSync(join(agent.folder, 'hub.json'), 'utf8');
    };
    await agent.until(() => changes() === 1 && agent.file.nextKey === undefined);
    agent.abandon();
    await keep(agent.folder, JSON.parse(file) as Membership);
    expect(agent.file.nextKey).toBeDefined();
    agent.restart();
    await agent.until(() => agent.file.nextKey === undefined);
    await agent.until(isHeard());
    expect(changes()).toBe(1);
  });

  test('a hub that is killed right after the change has its event', async () => {
    const state = join(scene.folder, 'state');
    const killed = join(scene.folder, 'killed');
    control().act('rotate', 'web1');
    await agent.until(() => agent.file.formerKey !== undefined);
    cpSync(state, killed, { recursive: true });
    await scene.part.stop();
    rmSync(state, { recursive: true });
    cpSync(killed, state, { recursive: true });
    await scene.start();
    expect(changes()).toBe(1);
    await agent.until(isHeard());
    expect(changes()).toBe(1);
  });

  test('a hub that was restored from a copy of before takes the host by its former key', async () => {
    await scene.part.stop();
    const state = join(scene.folder, 'state');
    const copy = join(scene.folder, 'copy');
    cpSync(state, copy, { recursive: true });
    await scene.start();
    const old = agent.file;
    control().act('rotate', 'web1');
    await agent.until(() => changes() === 1 && agent.file.nextKey === undefined);
    await scene.part.stop();
    rmSync(state, { recursive: true });
    cpSync(copy, state, { recursive: true });
    await scene.start();
    await agent.until(() => agent.file.key === old.key);
    // And goes on to the newer one when it is asked.
    control().act('rotate', 'web1');
    await agent.until(() => changes() === 1 && agent.file.nextKey === undefined);
    expect(agent.file.key).not.toBe(old.key);
  });
});

describe('an offer is refused', () => {
  const offer = (key: string, by: string, id = agent.file.id) => {
    const member = thiefWith(agent.file.key);
    member.evidence = agent.evidence;
    member.signIn();
    const signature = sign(null, keyOfferText(id, key), by).toString('base64url');
    return refusalOf(() => {
      member.offerKey({ key, signature });
    })?.code;
  };

  test('that is not signed with the key of the host, or for another host, or is no key', () => {
    const next = newKey();
    expect(offer(next.publicKey, next.privateKey)).toBe('unknown');
    expect(offer(next.publicKey, agent.file.key, 'another')).toBe('unknown');
    expect(offer('AAAA', agent.file.key)).toBe('unknown');
    expect(offer(next.publicKey, agent.file.key)).toBeUndefined();
  });

  test('of a host that was revoked', () => {
    const next = newKey();
    expect(offer(next.publicKey, agent.file.key)).toBeUndefined();
    control().act('revoke', 'web1');
    const refusal = refusalOf(() => {
      thiefWith(next.privateKey).signIn();
    });
    expect(refusal?.code).toBe('revoked');
    expect(changes()).toBe(0);
  });
});

function keep(folder: string, membership: Membership): Promise<void> {
  return new Memberships(folder, () => ['hub']).write('hub', membership);
}
