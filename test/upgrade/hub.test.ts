/**
 * The hub is upgraded first: it opens `hub.db` of a version before, and takes an agent of it. `hub-0.1.0` is from the first version with a
 * hub; what its agents say, and read, is written down here and must not follow changes of the protocol.
 */
import { sign } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { HubScene } from '../hub/hub-kit.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';

const RECORDED = join(import.meta.dirname, 'hub-0.1.0');
const AGENT = JSON.parse(readFileSync(join(RECORDED, 'hub.json'), 'utf8')) as {
  readonly id: string;
  readonly key: string;
};
/** Of the first version. */
const EVIDENCE = {
  name: 'web1',
  machine: '0123456789abcdef0123456789abcdef',
  boot: 'boot-1',
  start: 'start-2',
  bootedAt: 1_796_082_052_342,
  addresses: ['192.0.2.2'],
  version: '0.1.0',
  protocol: 1,
};

let scene: HubScene;
let server: ApiServer;

beforeEach(async () => {
  scene = new HubScene();
  mkdirSync(join(scene.folder, 'state'));
  cpSync(join(RECORDED, 'hub.db'), join(scene.folder, 'state', 'hub.db'));
  await scene.start();
  const sources = { hub: () => scene.part.control, intake: () => scene.part.intake };
  server = await startApiServer({ sources, section: { isHub: true } });
});

afterEach(async () => {
  await server.close();
  await scene.close();
});

async function say(path: string, body: unknown, token?: string): Promise<Readonly<Record<string, unknown>>> {
  const headers = {
    'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const asked = server.ask(`/api/v1/agents/${path}`, { method: 'POST', headers, body: text });
  const answer = await scene.until(asked);
  expect([200, 204]).toContain(answer.status);
  return answer.text === '' ? {} : (JSON.parse(answer.text) as Readonly<Record<string, unknown>>);
}

test('hosts, their accounts, events and join tokens of the version before are there', () => {
  const { hosts } = scene.part.control!.fleet();
  expect(hosts).toMatchObject([
    { id: AGENT.id, name: 'web1', tags: { role: 'web', site: 'fra1' }, presence: 'up', lines: { missing: 0, lost: 0 } },
  ]);
  expect(hosts[0]?.lines.received).toBeGreaterThan(0);
  expect(scene.events()).toEqual(['joined']);
  expect(scene.part.control!.tokens().tokens).toMatchObject([{ uses: 1 }, { uses: 3, tags: { role: 'db' } }].reverse());
});

test('an agent of the version before signs in with its key, is heard, sends, and says goodbye', async () => {
  const before = scene.part.control!.fleet().hosts[0]?.lines.received ?? 0;
  const { nonce } = await say('nonce', { id: AGENT.id });
  const text = ['healthd session 1', AGENT.id, String(nonce), EVIDENCE.start].join('\n');
  const signature = sign(null, Buffer.from(text), AGENT.key).toString('base64url');
  const wish = { id: AGENT.id, nonce, signature, nextLine: 1_000_000, host: EVIDENCE };
  const session = await say('session', wish);
  expect(session).toMatchObject({ token: expect.any(String), everyMs: expect.any(Number) });
  const token = String(session['token']);
  const message = { offsetMs: 0, name: 'web1', tags: { role: 'web' }, pending: 0 };
  expect(await say('heartbeat', { ...message, offsetMs: null }, token)).toMatchObject({ now: expect.any(Number) });
  await say('lines?from=1000000&to=1000002&size=2', 'mem,host=web1 used=1i 1\nmem,host=web1 used=2i 2\n', token);
  expect(scene.lines).toEqual(['mem,host=web1 used=1i 1', 'mem,host=web1 used=2i 2']);
  expect(scene.part.control!.fleet().hosts[0]?.lines.received).toBe(before + 2);
  await say('heartbeat', { ...message, goodbye: 'stop' }, token);
  await scene.pass(2000);
  expect(scene.presence('web1')).toBe('stopped');
});
