/** A request that is wrong is answered with the field and what it must be. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { HubScene } from '../hub/hub-kit.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';

let scene: HubScene;
let server: ApiServer;
let cookie: string;

beforeEach(async () => {
  scene = await HubScene.open();
  scene.host('db1');
  server = await startApiServer({ sources: { hub: () => scene.part.control } });
  cookie = await server.signIn();
});

afterEach(async () => {
  await server.close();
  await scene.close();
});

async function post(path: string, body: unknown): Promise<string> {
  const headers = { cookie, 'content-type': 'application/json', origin: server.origin };
  const { status, text } = await server.ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return `${status} ${(JSON.parse(text) as { readonly error?: string }).error ?? ''}`;
}

const TOKEN = { uses: 1, expiresMs: 60_000 };

test.each([
  ['tokens', { ...TOKEN, uses: 20_000 }, /^400 In the body: uses: Too big: /],
  ['tokens', { ...TOKEN, expiresMs: 1 }, /^400 In the body: expiresMs: Too small: /],
  ['tokens', { ...TOKEN, tags: { host: 'x' } }, /^400 In the body: tags\.host: is taken$/],
  ['tokens', { ...TOKEN, tags: { 'a b': 'x' } }, /^400 In the body: tags\.a b: must be letters, digits and \. _ -$/],
  ['tokens', { ...TOKEN, tags: { a: 'x'.repeat(256) } }, /^400 In the body: tags\.a: Too big: /],
  ['hosts/db1/rename', { name: 'a\nb' }, /^400 In the body: name: must have no control characters$/],
  ['hosts/db1/labels', { labels: { 'a b': 'c' } }, /^400 In the body: labels\.a b: must be letters/],
  ['hosts/db1/labels', { labels: {} }, /^400 In the body: labels: needs a label$/],
])('of %s', async (path, body, answer) => {
  expect(await post(`/api/v1/fleet/${path}`, body)).toMatch(answer);
});

test('what is right is taken', async () => {
  expect(await post('/api/v1/fleet/hosts/db1/rename', { name: 'shop front ⌂' })).toBe('200 ');
  expect(await post('/api/v1/fleet/tokens', { ...TOKEN, tags: { 'site.a-b_c': 'x y' } })).toBe('200 ');
});
