/** The configuration for VictoriaLogs in the README, against a fake that demands what VictoriaLogs needs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { elasticsearch } from '../../../src/outputs/elasticsearch/index.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { startFakeHttp, type FakeAnswer, type ReceivedRequest } from '../../support/fakes/http.ts';
import { openOutput } from '../../support/kit/open-output.ts';

const README = readFileSync(join(import.meta.dirname, '../../../src/outputs/elasticsearch/README.md'), 'utf8');
const PATH = '/insert/elasticsearch';

interface Documented {
  readonly outputs: readonly [{ readonly elasticsearch: Readonly<Record<string, unknown>> }];
}

const json = (status: number, body: object): FakeAnswer => ({ status, body: JSON.stringify(body) });

function answer({ method, path, headers, body }: ReceivedRequest): FakeAnswer {
  if (path === `${PATH}/` || path === PATH) return json(200, { version: { number: '8.9.0' } });
  if (method !== 'POST' || !path.startsWith(`${PATH}/_bulk`)) return json(400, { error: `unsupported path: ${path}` });
  const fields = ['vl-time-field', 'vl-msg-field', 'vl-stream-fields'].map((name) => headers[name]);
  if (fields.includes(undefined)) return json(400, { error: 'a header with a field name is missing' });
  const documents = body
    .split('\n')
    .filter((line) => line !== '')
    .filter((_, index) => index % 2 === 1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const [time = '', message = '', streams = ''] = fields.map(String);
  const has = (document: Readonly<Record<string, unknown>>, name: string): boolean =>
    name
      .split('.')
      .reduce<unknown>((value, part) => (value as Readonly<Record<string, unknown>> | undefined)?.[part], document) !==
    undefined;
  const isComplete = documents.every((document) =>
    [time, message, ...streams.split(',')].every((name) => has(document, name)),
  );
  return isComplete
    ? json(200, { took: 0, errors: false, items: documents.map(() => ({ create: { status: 201 } })) })
    : json(400, { error: `a document lacks one of ${fields.join(', ')}: ${body}` });
}

test('S-025: the documented configuration for VictoriaLogs works', async () => {
  const [, block = ''] = /## VictoriaLogs[\s\S]*?```yaml\n([\s\S]*?)```/.exec(README) ?? [];
  const [{ elasticsearch: documented }] = (parse(block) as Documented).outputs;
  const { only: _, ...options } = documented;
  const server = await startFakeHttp(answer);
  const url = String(options['url']).replace('http://victorialogs:9428', server.url);
  const output = await openOutput(elasticsearch, { ...options, url });
  try {
    expect(await output.connect()).toBeUndefined();
    const lines = ['healthd_log,host=a,level=warn message="no /proc" 1700000000000000000'];
    expect(await output.write(testBatch(lines))).toBeUndefined();
    expect(server.requests.filter(({ path }) => path.includes('_bulk'))).toHaveLength(1);
  } finally {
    await output.close();
    await server.close();
  }
});
