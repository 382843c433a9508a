/** Template and policy: when they are created, kept or rejected. */
import { afterEach, describe, expect, test } from '@jest/globals';

import { RetryableError } from '../../../src/plugin/index.ts';
import { testBatch } from '../../support/kit/batch.ts';
import {
  startFakeElasticsearch,
  type FakeElasticsearch,
  type FakeSettings,
} from '../../support/fakes/elasticsearch.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

import { withOutput, type Options } from './open.ts';

const BATCH = testBatch(['cpu,host=a v=1 1700000000000000000']);
const STREAM = { data_stream: 'metrics-healthd-default' };
const LIFECYCLE = { max_size: '50GiB', max_age: '7d', delete_after: '90d' };

const started: FakeElasticsearch[] = [];

afterEach(async () => {
  for (const server of started.splice(0)) await server.close();
});

async function start(settings: FakeSettings = {}): Promise<FakeElasticsearch> {
  const server = await startFakeElasticsearch(settings);
  started.push(server);
  return server;
}

const connect = ({ url }: FakeElasticsearch, options: Options = {}) =>
  withOutput({ url, ...options }, (output) => output.connect());
const write = ({ url }: FakeElasticsearch, options: Options = {}) =>
  withOutput({ url, ...options }, (output) => output.write(BATCH));
const requests = (server: FakeElasticsearch) => server.requests.map(({ method, path }) => `${method} ${path}`);

describe('the template', () => {
  test('is created by connect, and not again by a later write', async () => {
    const server = await start();
    await withOutput({ url: server.url }, async (output) => {
      expect(await output.connect()).toBeUndefined();
      expect(await output.write(BATCH)).toBeUndefined();
      expect(await output.write(BATCH)).toBeUndefined();
    });
    expect(requests(server)).toEqual([
      'GET /',
      'GET /_index_template/healthd',
      'PUT /_index_template/healthd',
      'POST /_bulk',
      'POST /_bulk',
    ]);
    expect(server.templates.get('healthd')).toMatchObject({ index_patterns: ['healthd-*.*.*'] });
  });

  test('is created by the first write', async () => {
    const server = await start();
    expect(await write(server)).toBeUndefined();
    const types = Object.fromEntries(server.indices.get('healthd-2023.11.14')!.mapping);
    expect(types).toMatchObject({ '@timestamp': 'date', measurement_name: 'keyword', message: 'text' });
    expect(types).toMatchObject({ 'tag.host': 'keyword', 'log.level': 'keyword', 'cpu.v': 'double' });
  });

  test.each([
    ['healthd-%Y.%m.%d', 'healthd', 'healthd-*.*.*'],
    ['h.{{measurement}}-{{host}}-%Y', 'healthd-h', 'h.*-*-*'],
    ['h-{{measurement}}-prod', 'healthd-h-prod', 'h-*-prod'],
    ['fixed', 'healthd-fixed', 'fixed'],
  ])('for %s is %s and matches %s', async (index, name, pattern) => {
    const server = await start();
    expect(await connect(server, { index })).toBeUndefined();
    expect([...server.templates].map(([key, { index_patterns }]) => [key, ...index_patterns])).toEqual([
      [name, pattern],
    ]);
  });

  test('S-005: one for something else is reported before anything is written, and replaced with overwrite_template', async () => {
    const server = await start();
    await connect(server, { template_name: 'mine', index: 'old-%Y' });
    const advice = 'set overwrite_template to replace it, or template_name for another one';
    const wrong = async (options: Options, text: string) => {
      const error = await write(server, { template_name: 'mine', ilm: { delete_after: '1d' }, ...options });
      expect(error).toBeInstanceOf(RetryableError);
      expect(error?.message).toBe(`${server.host} has an index template "mine" ${text}; ${advice}`);
    };
    await wrong({ index: 'new-%Y' }, 'for old-*, not for new-*');
    await wrong({ data_stream: 'old-stream' }, 'for indices, not for data streams');
    expect([server.stored(), server.policies.size]).toEqual([[], 0]);
    expect(await write(server, { template_name: 'mine', index: 'old-%Y.%m' })).toBeUndefined();
    expect(server.templates.get('mine')?.index_patterns).toEqual(['old-*']);
    await connect(server, { template_name: 'mine', index: 'new-%Y', overwrite_template: true });
    expect(server.templates.get('mine')?.index_patterns).toEqual(['new-*']);
  });

  test('S-005: the default index and a monthly one have a template of the same name', async () => {
    const server = await start();
    expect(await connect(server)).toBeUndefined();
    expect((await connect(server, { index: 'healthd-%Y.%m' }))?.message).toMatch(
      /for healthd-\*\.\*\.\*, not for healthd-\*\.\*;/,
    );
    expect(await connect(server, { index: 'healthd-%Y.%m', template_name: 'healthd-monthly' })).toBeUndefined();
    expect((await connect(server, { data_stream: 'healthd' }))?.message).toMatch(
      /for healthd-\*\.\*\.\*, not for healthd;/,
    );
  });

  test('S-004: of overlapping patterns the more specific one wins, and both outputs can write', async () => {
    const server = await start();
    const names = [
      'healthd-%Y.%m.%d',
      'healthd-logs-%Y.%m.%d',
      'healthd-{{measurement}}-%Y',
      'healthd-cpu',
      'healthd-%Y',
    ];
    for (const index of names) {
      const template_name = `healthd-${names.indexOf(index)}`;
      expect(await write(server, { index, template_name })).toBeUndefined();
    }
    const priority = (index: number) => server.templates.get(`healthd-${index}`)?.priority ?? 0;
    expect(priority(1)).toBeGreaterThan(priority(0));
    expect(priority(2)).toBeGreaterThan(priority(4));
    expect(priority(3)).toBeGreaterThan(priority(4));
    expect(priority(4)).toBeGreaterThan(500);
  });

  test('S-026: one of an older healthd is kept with a warning', async () => {
    const server = await start();
    await connect(server);
    const log = recordingLog();
    const again = () => withOutput({ url: server.url }, (output) => output.connect(), { log });
    await again();
    expect(log.lines).toEqual([]);
    server.templates.set('healthd', { ...server.templates.get('healthd')!, version: 1 });
    expect(await again()).toBeUndefined();
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn: The existing index template is that of an older healthd/),
    ]);
  });

  test('is not touched with manage_template: false', async () => {
    const server = await start();
    server.privileges.delete('manage_index_templates');
    expect(await write(server, { manage_template: false })).toBeUndefined();
    expect(requests(server)).toEqual(['POST /_bulk']);
  });

  test('without the permission to create it nothing is written, and the message has advice', async () => {
    const server = await start();
    server.privileges.delete('manage_index_templates');
    const error = await write(server);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toContain(
      `${server.host} does not allow these credentials to create the index template (403); grant the permission, ` +
        'or create it yourself and set manage_template: false',
    );
    server.privileges.add('manage_index_templates');
    expect(await write(server)).toBeUndefined();
  });

  test('that is rejected is reported with the message of the server', async () => {
    const server = await start();
    server.next = [{ status: 404 }, { status: 400, body: { error: { reason: 'same priority as [other]' } } }];
    const error = await write(server);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(/rejected the index template \(400\); .*same priority as \[other\]/);
  });
});

describe('the policy', () => {
  test('is an ILM policy in Elasticsearch, which the template refers to', async () => {
    const server = await start({ product: '9.1.0' });
    expect(await connect(server, { ...STREAM, ilm: LIFECYCLE })).toBeUndefined();
    expect(server.policies.get('metrics-healthd-default')).toEqual({
      policy: {
        phases: {
          hot: { min_age: '0ms', actions: { rollover: { max_size: '53687091200b', max_age: '604800s' } } },
          delete: { min_age: '7776000s', actions: { delete: {} } },
        },
      },
    });
    const template = server.templates.get('metrics-healthd-default');
    expect(template?.template.settings.index.lifecycle).toEqual({ name: 'metrics-healthd-default' });
    expect(template?.data_stream).toEqual({});
  });

  test('only deletes, for indices with a date in their name', async () => {
    const server = await start();
    expect(await connect(server, { ilm: { delete_after: '30d' } })).toBeUndefined();
    expect(server.policies.get('healthd')).toMatchObject({ policy: { phases: { hot: { actions: {} } } } });
  });

  test('that an existing template does not refer to results in a warning', async () => {
    const server = await start();
    const log = recordingLog();
    await connect(server);
    await withOutput({ url: server.url, ilm: { delete_after: '30d' } }, (output) => output.connect(), { log });
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn: The existing index template does not refer to the ilm policy/),
    ]);
    await connect(server, { ilm: { delete_after: '30d' }, overwrite_template: true });
    expect(server.templates.get('healthd')?.template.settings.index.lifecycle).toEqual({ name: 'healthd' });
  });

  test('is an ISM policy in OpenSearch, and is replaced', async () => {
    const server = await start({ product: 'opensearch 3.1.0' });
    expect(await connect(server, { ...STREAM, ilm: { max_size: '1GiB' } })).toBeUndefined();
    expect(await connect(server, { ...STREAM, ilm: LIFECYCLE })).toBeUndefined();
    expect(server.policies.get('metrics-healthd-default')).toMatchObject({
      policy: {
        states: [
          {
            actions: [{ rollover: { min_size: '53687091200b', min_index_age: '604800s' } }],
            transitions: [{ state_name: 'delete', conditions: { min_index_age: '7776000s' } }],
          },
          { name: 'delete', actions: [{ delete: {} }] },
        ],
        ism_template: [{ index_patterns: ['metrics-healthd-default'] }],
      },
    });
    expect(server.templates.get('metrics-healthd-default')?.template.settings.index.lifecycle).toBeUndefined();
  });

  test('without the permission to create it nothing is written', async () => {
    const server = await start();
    server.privileges.delete('manage_ilm');
    const error = await write(server, { ...STREAM, ilm: LIFECYCLE });
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(
      /does not allow these credentials to create the ilm policy \(403\); .*, or remove ilm/,
    );
    expect(server.stored()).toEqual([]);
  });
});

describe('connect', () => {
  test('accepts credentials that may only write', async () => {
    const server = await start();
    server.privileges.delete('monitor');
    expect(await connect(server, { manage_template: false })).toBeUndefined();
  });

  test.each([
    [{ status: 200, body: '<!DOCTYPE html><html>' }, 'is not Elasticsearch (200); check url'],
    [{ status: 200, body: '{}' }, 'is not Elasticsearch (200); check url: {}'],
    [{ status: 404, body: 'nothing here' }, 'is not Elasticsearch; check url (404): nothing here'],
    [{ status: 401, body: '' }, 'requires credentials (401); set api_key, or username and password'],
  ])('%j is a failure', async (reply, text) => {
    const server = await start();
    server.next = [reply];
    const error = await connect(server);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toBe(`${server.host} ${text}`);
  });
});
