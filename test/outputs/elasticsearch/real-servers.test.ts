/** The output against OpenSearch 2 and Elasticsearch 8. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect } from '@jest/globals';

import { elasticsearch } from '../../../src/outputs/elasticsearch/index.ts';
import { PartialWriteError, RetryableError } from '../../../src/plugin/index.ts';
import { outputContract, type Destination } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { installedTest, isInstalled } from '../../support/servers/installed-server.ts';
import { startElasticsearch, startOpenSearch, WRITER, type SearchServer } from '../../support/servers/search-server.ts';

import { linesOf } from './documents.ts';
import { withOutput, type Options } from './open.ts';

const PRODUCTS = [
  { name: 'opensearch', start: startOpenSearch },
  { name: 'elasticsearch', start: startElasticsearch },
] as const;

const DAY = '1700000000000000000';

describe.each(PRODUCTS)('$name', ({ name, start }) => {
  const serverTest = installedTest(name);
  let server: SearchServer;

  beforeAll(async () => {
    if (isInstalled(name)) server = await start();
  }, 130_000);

  afterAll(async () => {
    if (isInstalled(name)) await server.stop();
  }, 30_000);

  const write = (lines: readonly string[], options: Options) =>
    withOutput({ url: server.url, ...server.credentials, ...options }, (output) => output.write(testBatch(lines)));
  const search = async (index: string, body: object = {}) => {
    await server.ask('POST', `/${index}/_refresh`);
    return JSON.parse(await server.ask('POST', `/${index}/_search?size=1000`, body)) as Found;
  };

  if (isInstalled(name)) {
    describe('contract', () => {
      let destinations = 0;
      outputContract(
        () => Promise.resolve(elasticsearch),
        () => {
          destinations += 1;
          return recorded(server, `healthd-contract-${destinations}`);
        },
      );
    });
  }

  serverTest(
    'tags and strings are keywords, and S-026: a field that begins with a whole number keeps fractions',
    async () => {
      const lines = [`m,host=a f=1,i=1i,s="x y" ${DAY}`, `m,host=b f=1.75,i=1.75,s="x z" ${DAY}`];
      expect(await write(lines, { index: 'healthd-types-%Y' })).toBeUndefined();
      const { aggregations } = await search('healthd-types-2023', {
        aggs: {
          hosts: { terms: { field: 'tag.host' } },
          texts: { terms: { field: 'm.s' } },
          f: { sum: { field: 'm.f' } },
          i: { sum: { field: 'm.i' } },
        },
      });
      expect(aggregations).toMatchObject({
        hosts: { buckets: [{ key: 'a' }, { key: 'b' }] },
        texts: { buckets: [{ key: 'x y' }, { key: 'x z' }] },
        f: { value: 2.75 },
        i: { value: 2.75 },
      });
    },
  );

  serverTest('S-004: outputs with overlapping patterns can both write, and each gets its own template', async () => {
    const patterns = ['healthd-%Y.%m.%d', 'healthd-logs-%Y.%m.%d', 'healthd-{{measurement}}-%Y.%m.%d'];
    for (const index of patterns) expect(await write([`m,host=a v=1i ${DAY}`], { index })).toBeUndefined();
    const settings = await server.ask(
      'GET',
      '/healthd-logs-2023.11.14,healthd-2023.11.14/_settings?flat_settings=true',
    );
    expect(settings.match(/"index.codec":"best_compression"/g)).toHaveLength(2);
    const kept = await server.ask('GET', '/_index_template/healthd*');
    expect([...kept.matchAll(/"name":"(healthd(?:-logs)?)"/g)].map(([, found]) => found)).toEqual(
      expect.arrayContaining(['healthd', 'healthd-logs']),
    );
  });

  serverTest(
    'S-005: a template of the same name for something else is reported before anything is written',
    async () => {
      expect(await write([`m v=1i ${DAY}`], { index: 'healthd-five-%Y.%m.%d' })).toBeUndefined();
      for (const options of [{ index: 'healthd-five-%Y.%m' }, { data_stream: 'healthd-five' }]) {
        const error = await write([`m v=1i ${DAY}`], options);
        expect(error).toBeInstanceOf(RetryableError);
        expect(error?.message).toMatch(
          /has an index template "healthd-five" for healthd-five-\*\.\*\.\*, not for healthd-five(?:-\*\.\*)?; set overwrite_template/,
        );
      }
      expect(await server.ask('GET', '/_cat/indices/healthd-five*?h=index')).toBe('healthd-five-2023.11.14\n');
      const overwritten = { index: 'healthd-five-%Y.%m', overwrite_template: true };
      expect(await write([`m v=1i ${DAY}`], overwritten)).toBeUndefined();
      expect(await write([`m v=1i ${DAY}`], { ...overwritten, overwrite_template: false })).toBeUndefined();
    },
  );

  serverTest('S-016: each document that does not fit the mapping has its own reason', async () => {
    const index = 'healthd-sixteen-%Y';
    expect(await write([`m n=1i,b=true ${DAY}`], { index })).toBeUndefined();
    const lines = [`m n="text" ${DAY}`, `m n=2i ${DAY}`, `m b="no" ${DAY}`];
    const error = (await write(lines, { index })) as PartialWriteError;
    expect(error).toBeInstanceOf(PartialWriteError);
    expect(error.refused).toEqual([0, 2]);
    expect(error.reasons).toEqual([
      expect.stringMatching(/^\w+_parsing_exception: .*failed to parse field \[m\.n\] of type \[double\]/),
      expect.stringMatching(/^\w+_parsing_exception: .*failed to parse field \[m\.b\] of type \[boolean\]/),
    ]);
    expect((await search('healthd-sixteen-2023')).hits.hits).toHaveLength(2);
  });

  serverTest('a batch that is sent again creates no duplicates', async () => {
    const lines = Array.from({ length: 500 }, (_, n) => `m,host=h${n % 7} v=${n} ${DAY}`);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await write(lines, { index: 'healthd-again' })).toBeUndefined();
    }
    expect((await search('healthd-again')).hits.hits).toHaveLength(500);
  });

  serverTest('S-017: a write block, the limit of shards and missing lifecycle policies are explained', async () => {
    const index = 'healthd-block-%Y';
    const line = [`m v=1i ${DAY}`];
    expect(await write(line, { index })).toBeUndefined();
    for (const block of ['write', 'read_only']) {
      const set = (value: boolean | null) =>
        server.ask('PUT', '/healthd-block-2023/_settings', { index: { blocks: { [block]: value } } });
      await set(true);
      const error = await write([`m v=2i ${DAY}`], { index });
      expect(error).toBeInstanceOf(RetryableError);
      expect(error?.message).toMatch(/has an index that takes no writes, by a lifecycle policy or by hand; remove/);
      await set(null);
    }
    const limit = (value: number | null) =>
      server.ask('PUT', '/_cluster/settings', { persistent: { cluster: { max_shards_per_node: value } } });
    await limit(1);
    const full = await write(line, { index: 'healthd-full-%Y' });
    await limit(null);
    expect(full).toBeInstanceOf(RetryableError);
    expect(full?.message).toMatch(/has as many shards as it may; delete old indices/);
    const managed = await write(line, { index: 'healthd-managed-%Y', ilm: { delete_after: '30d' } });
    expect(managed).toBeInstanceOf(RetryableError);
    expect(managed?.message).toMatch(/does not support lifecycle policies \(\d+\); remove ilm/);
    expect(await write(line, { index: 'healthd-managed-%Y' })).toBeUndefined();
  });

  if (name === 'opensearch') {
    serverTest('a data stream gets each document once', async () => {
      const options = { data_stream: 'metrics-healthd.{{measurement}}-default' };
      for (let attempt = 0; attempt < 2; attempt += 1) {
        expect(await write([`cpu v=1i ${DAY}`, `mem v=1i ${DAY}`], options)).toBeUndefined();
      }
      const streams = await server.ask('GET', '/_data_stream');
      expect(streams.match(/"name":"metrics-healthd\.(cpu|mem)-default"/g)).toHaveLength(2);
      expect((await search('metrics-healthd.*-default')).hits.hits).toHaveLength(2);
      const error = await write([`cpu v=2i ${DAY}`], { index: 'metrics-healthd.%Y-default' });
      expect(error).toBeInstanceOf(RetryableError);
    });
  } else {
    serverTest('wrong credentials, and those that may only write', async () => {
      const index = 'healthd-writer-%Y';
      const line = [`m v=1i ${DAY}`];
      const wrong = await write(line, { index, password: 'wrong-password' });
      expect(wrong).toBeInstanceOf(RetryableError);
      expect(wrong?.message).toMatch(/rejected the credentials \(401\); check api_key, or username and password/);
      const denied = await write(line, { ...WRITER, index });
      expect(denied?.message).toMatch(
        /does not allow these credentials to create the index template \(403\)|denied access/,
      );
      expect(await write(line, { ...WRITER, index, manage_template: false })).toBeUndefined();
      const elsewhere = await write(line, { ...WRITER, index: 'other-%Y', manage_template: false });
      expect(elsewhere).toBeInstanceOf(RetryableError);
      expect(elsewhere?.message).toMatch(/denied write access \(403\); grant create_doc/);
    });
  }
});

interface Found {
  readonly hits: { readonly hits: readonly { readonly _id: string; readonly _source: object }[] };
  readonly aggregations?: unknown;
}

/** Records what is sent to the server, and reports it as received if the server has all of it. */
async function recorded(server: SearchServer, index: string): Promise<Destination> {
  const bulks: string[] = [];
  const proxy: Server = createServer((request, response) => {
    const forward = async () => {
      const body = await buffer(request);
      const isPost = request.method === 'POST';
      const headers = Object.fromEntries(
        ['content-type', 'content-encoding', 'authorization'].flatMap((name) => {
          const value = request.headers[name];
          return typeof value === 'string' ? [[name, value] as const] : [];
        }),
      );
      const init = { method: request.method ?? '', headers, ...(body.length === 0 ? {} : { body }) };
      const answer = await fetch(server.url + (request.url ?? ''), init);
      if (isPost && request.url?.startsWith('/_bulk') === true) bulks.push(gunzipSync(body).toString());
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    };
    forward().catch((error: unknown) => response.destroy(error as Error));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    options: { url, ...server.credentials, index },
    received: async () => {
      await server.ask('POST', `/${index}/_refresh`);
      const answer = await server.ask('GET', `/${index}/_search?size=1000&filter_path=hits.hits._id,hits.hits._source`);
      // The source is kept as it was sent, except that the answer escapes emoji.
      const found = answer.replace(/\\u([\dA-F]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
      for (const line of bulks.join('').split('\n').filter(Boolean)) {
        const { create } = JSON.parse(line) as { readonly create?: { readonly _id: string } };
        expect(found).toContain(create === undefined ? line : `"_id":"${create._id}"`);
      }
      return Buffer.from(bulks.flatMap(linesOf).join(''));
    },
    close: async () => {
      await new Promise((resolve) => {
        proxy.close(resolve);
        proxy.closeAllConnections();
      });
    },
  };
}
