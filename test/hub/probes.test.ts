/** A second opinion about hosts that are not heard. */
import { networkInterfaces } from 'node:os';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import type { KnockAnswer } from '../../src/host/knock.ts';

import { HubScene, Member } from './hub-kit.ts';

const SECOND = 1000;
const MINUTE = 60_000;

let scene: HubScene;
let asked: string[];
let answers: Readonly<Record<number, KnockAnswer>>;

beforeEach(async () => {
  asked = [];
  answers = {};
  scene = await HubScene.open({ probe_ports: [22, 8400] });
  scene.knock = (address, port) => {
    asked.push(`${address} ${port}`);
    return Promise.resolve(answers[port] ?? 'silent');
  };
});

afterEach(() => scene.close());

function joined(name: string, addresses: string[]): Member {
  const member = new Member(scene, name);
  member.evidence = { ...member.evidence, addresses };
  member.join(scene.token().token);
  member.signIn();
  return member;
}

function opinion(name: string): string | undefined {
  return scene.part.control!.fleet().hosts.find((host) => host.name === name)?.opinion;
}

test('a host that is late is asked, and again so that the answer is fresh when it is down', async () => {
  const web1 = joined('web1', ['192.0.2.7']);
  await scene.pass(10 * SECOND);
  expect(asked).toEqual([]);
  answers = { 22: 'open' };
  await scene.pass(36 * SECOND);
  expect(scene.presence('web1')).toBe('down');
  expect(asked.length).toBeGreaterThanOrEqual(6);
  expect(new Set(asked)).toEqual(new Set(['192.0.2.7 22', '192.0.2.7 8400']));
  expect(opinion('web1')).toBe('but the host answers on port 22');
  expect(scene.part.sight?.opinionOf(web1.id)).toBe(
    'The hub hears nothing of the agent, but the host answers on port 22.',
  );
  const [down] = scene.part.control!.events('web1', 1)!.events;
  expect(down?.text).toBe('web1 is down: the hub hears nothing of it, but the host answers on port 22');
});

test('while it is down it is asked every five minutes; when it is back the opinion is gone', async () => {
  const web1 = joined('web1', ['192.0.2.7']);
  await scene.pass(MINUTE);
  expect(opinion('web1')).toBe('and the host does not answer on port 22 or 8400');
  asked = [];
  answers = { 8400: 'closed' };
  await scene.pass(4 * MINUTE);
  expect(asked).toEqual([]);
  await scene.pass(MINUTE);
  expect(asked).toHaveLength(2);
  expect(opinion('web1')).toBe('but the host is there: it refuses port 8400');
  web1.beat();
  await scene.pass(2 * SECOND);
  expect(opinion('web1')).toBeUndefined();
  expect(scene.part.sight?.opinionOf(web1.id)).toBeUndefined();
});

test('not at addresses that are everywhere or those of the hub, nor hosts that have said goodbye or have no address', async () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  const local = ['127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1', '::1', 'fe80::1', 'ff02::1', '::ffff:127.0.0.1'];
  for (const [index, address] of [...own, ...local].entries()) joined(`host${index}`, [address]);
  joined('bare', []);
  const stopped = joined('stopped', ['192.0.2.8']);
  stopped.beat('stop');
  await scene.pass(2 * MINUTE);
  expect(scene.presence('bare')).toBe('unreachable');
  expect(asked).toEqual([]);
});

test('at most four addresses of a host, and thirty-two hosts at once; one that never answers holds nobody up', async () => {
  const addresses = Array.from({ length: 8 }, (_, index) => `192.0.2.${index + 1}`);
  for (let index = 0; index < 40; index += 1) joined(`web${index}`, addresses);
  let waiting = 0;
  let most = 0;
  scene.knock = (_address, _port, signal) => {
    waiting += 1;
    most = Math.max(most, waiting);
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        waiting -= 1;
        resolve('silent');
      });
    });
  };
  await scene.pass(30 * SECOND);
  expect(most).toBe(32 * 4 * 2);
  expect(opinion('web39')).toBe('and the host does not answer on port 22 or 8400');
});

test('no ports: nobody is asked', async () => {
  await scene.restart({ probe_ports: [] });
  joined('web1', ['192.0.2.7']);
  await scene.pass(2 * MINUTE);
  expect(scene.presence('web1')).toBe('down');
  expect([asked, opinion('web1')]).toEqual([[], undefined]);
});

test('a plain writer on the host that goes on is the better evidence', async () => {
  const web1 = joined('web1', ['192.0.2.7']);
  await scene.passWriting(2 * MINUTE, 'web1');
  expect(scene.presence('web1')).toBe('down');
  const text = 'The hub hears nothing of the agent, but a plain writer on it still sends lines.';
  expect(scene.part.sight?.opinionOf(web1.id)).toBe(text);
});
