/** Nothing in the API sends a message to an address that a caller chooses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { fakeService } from '../contract/notifier-contract.ts';
import { startApiServer } from '../support/kit/api-server.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly format?: string;
}

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly parameters?: readonly { readonly name: string; readonly schema?: Schema }[];
}

const openapi = JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/openapi.json'), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

/** Names of all values that a schema takes, at any depth. */
function namesIn({ properties = {}, items, anyOf = [], oneOf = [], format }: Schema): readonly string[] {
  const inner = [...Object.values(properties), ...(items === undefined ? [] : [items]), ...anyOf, ...oneOf];
  return [...Object.keys(properties), ...(format === undefined ? [] : [format]), ...inner.flatMap(namesIn)];
}

const ADDRESS = /^(?:uri|url|urls|webhook|endpoint|target|address|server|smtp|to|email|callback|proxy)$/i;

test('AL-118: no route of a hub takes the address of a notifier, so nobody can aim a test at loopback or link-local', async () => {
  const taking = Object.entries(openapi.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { requestBody, parameters = [] }]) => {
      const bodies = Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => namesIn(schema));
      const names = [...bodies, ...parameters.map(({ name }) => name)];
      return names.filter((name) => ADDRESS.test(name)).map((name) => `${method} ${path} ${name}`);
    }),
  );
  expect(Object.keys(openapi.paths).length).toBeGreaterThan(20);
  // Bounds of a time range are called `to`.
  expect(taking.filter((each) => !/^get \S+ to$/.test(each))).toEqual([]);

  const victim = await fakeService({ status: 200, body: '' });
  const server = await startApiServer({ section: { isHub: true } });
  try {
    const cookie = await server.signIn();
    for (const path of ['notify/test', 'notifiers/test', 'alerts/test', 'receivers/hook/test'])
      for (const url of [victim.url, 'http://169.254.169.254/latest/meta-data/', 'http://[::1]/']) {
        const headers = { cookie, origin: server.origin, 'content-type': 'application/json' };
        const body = JSON.stringify({ url, webhook: { url } });
        expect((await server.ask(`/api/v1/${path}`, { method: 'POST', headers, body })).status).toBe(404);
      }
    expect(victim.taken).toEqual([]);
  } finally {
    await server.close();
    await victim.close();
  }
});
