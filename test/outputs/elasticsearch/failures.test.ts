/** Batches that are rejected, in whole or in part. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { isolateRefused } from '../../../src/deliver/isolate.ts';
import { LineBatch } from '../../../src/metric/batch.ts';
import { PartialWriteError, PermanentError, RetryableError, TooLargeError } from '../../../src/plugin/index.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { startFakeElasticsearch, type FakeElasticsearch } from '../../support/fakes/elasticsearch.ts';
import type { FakeReply } from '../../support/fakes/http.ts';
import { freePort, waitFor } from '../../support/servers/real-server.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

import { withOutput, type Options } from './open.ts';

const LINES = ['m v=1i 1', 'm v="text" 2', 'm v=3i 3', 'n v=1i 4'];
const BATCH = testBatch(LINES);

let server: FakeElasticsearch;

beforeEach(async () => {
  server = await startFakeElasticsearch();
});

afterEach(() => server.close());

const write = (batch = BATCH, options: Options = {}) =>
  withOutput({ url: server.url, manage_template: false, ...options }, (output) => output.write(batch));

async function writeWithReply(reply: FakeReply, options: Options = {}): Promise<Error | undefined> {
  server.next = [reply];
  return write(BATCH, options);
}

describe('single documents', () => {
  test('that do not fit the mapping are rejected, and the others are stored', async () => {
    const error = await write();
    expect(error).toBeInstanceOf(PartialWriteError);
    expect((error as PartialWriteError).refused).toEqual([1]);
    expect(error?.message).toBe(
      `${server.host} permanently rejected 1 of 4 lines: document_parsing_exception: failed to parse field [m.v] of type [long]`,
    );
    expect(server.stored()).toHaveLength(3);
  });

  test('S-016: each has its own reason', async () => {
    const error = (await write(testBatch(['m v=1i 1', 'm v="text" 2', 'm v=3i 3', 'm v=true 4']))) as PartialWriteError;
    expect(error.refused).toEqual([1, 3]);
    const reason = (text: string) => `document_parsing_exception: failed to parse field [m.v] of type [long]${text}`;
    expect(error.reasons).toEqual([reason(''), reason('')]);
    server.fail = (_, source) => ({
      status: 400,
      type: 'document_parsing_exception',
      reason: `why ${source.length % 7}\n`,
    });
    const many = (await write(testBatch(['m v=1 1', 'm v=10 2', 'm v=100 3']))) as PartialWriteError;
    expect(new Set(many.reasons).size).toBe(3);
    expect(many.reasons?.[0]).toMatch(/^document_parsing_exception: why \d$/);
  });

  test('the host turns only these into dead letters', async () => {
    const refusals = await withOutput({ url: server.url }, (output) => {
      const send = async (batch: LineBatch) => {
        const error = await output.write(batch);
        if (error !== undefined) throw error;
      };
      return isolateRefused(new LineBatch(BATCH.lines, BATCH.size), send);
    });
    expect(refusals.flatMap(({ lines }) => lines)).toEqual(['m v="text" 2']);
    expect(server.stored()).toHaveLength(3);
  });

  const OWN_BLOCK = 'index [x] blocked by: [FORBIDDEN/8/index write (api)];';
  const CLUSTER_BLOCK = 'index [x] blocked by: [FORBIDDEN/6/cluster read-only (api)];';
  const DISK_BLOCK =
    'index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];';
  const SHARDS =
    'this action would add [2] total shards, but this cluster currently has [999]/[1000] maximum shards open';

  test.each<[number, string, string, string?]>([
    [429, 'es_rejected_execution_exception', 'is rate limiting (429)'],
    [503, 'unavailable_shards_exception', 'could not store documents (503)'],
    [500, 'exception', 'could not store documents (500)'],
    [403, 'cluster_block_exception', 'has blocked the index; check the disk space of the nodes'],
    [403, 'security_exception', 'denied write access (403); grant create_doc'],
    [400, 'index_closed_exception', 'reports a closed index; open it'],
    [
      400,
      'validation_exception',
      'has as many shards as it may; delete old indices, use fewer (a month each, or data_stream), or raise cluster.max_shards_per_node',
      SHARDS,
    ],
    [
      403,
      'cluster_block_exception',
      'has an index that takes no writes, by a lifecycle policy or by hand; remove index.blocks.write and index.blocks.read_only of that index',
      OWN_BLOCK,
    ],
    [403, 'cluster_block_exception', 'is read-only as a whole; remove cluster.blocks.read_only', CLUSTER_BLOCK],
    [429, 'cluster_block_exception', 'has blocked the index; check the disk space of the nodes', DISK_BLOCK],
  ])(
    'S-017: with %d %s make the whole batch retry with advice (%s), before any rejection is reported',
    async (status, type, text, reason = 'why') => {
      server.fail = (_, source) => (source.includes('"n"') ? { status, type, reason } : undefined);
      const error = await write();
      expect(error).toBeInstanceOf(RetryableError);
      expect(error?.message).toBe(`${server.host} ${text}: ${type}: ${reason}`);
      server.fail = () => undefined;
      expect((await write()) as PartialWriteError).toMatchObject({ name: 'PartialWriteError', refused: [1] });
      expect(server.stored()).toHaveLength(3);
    },
  );

  test('a missing index that is not created automatically is not an error of the lines', async () => {
    server.autoCreate = false;
    const error = await write();
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(
      /does not have the index; create it or allow action\.auto_create_index: index_not_found/,
    );
  });

  test('a missing pipeline is not an error of the lines', async () => {
    const error = await write(BATCH, { pipeline: 'missing' });
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(/does not have the pipeline; create it or correct pipeline/);
  });

  test('that a pipeline rejects are rejected permanently', async () => {
    server.fail = (_, source) =>
      source.includes('"n"') ? { status: 500, type: 'fail_processor_exception', reason: 'unwanted' } : undefined;
    expect((await write()) as PartialWriteError).toMatchObject({ refused: [1, 3] });
  });

  test('whose value resembles an error of the cluster are rejected, too', async () => {
    const reason = "failed to parse field [m.v] of type [long]. Preview of field's value: 'pipeline with id x'";
    server.fail = (_, source) =>
      source.includes('"n"') ? { status: 400, type: 'document_parsing_exception', reason } : undefined;
    expect((await write()) as PartialWriteError).toMatchObject({ refused: [1, 3] });
  });

  test('thousands of rejections are read completely', async () => {
    server.fail = () => ({ status: 400, type: 'document_parsing_exception', reason: 'x'.repeat(1500) });
    const many = testBatch(Array.from({ length: 2000 }, (_, index) => `m v=1 ${index}`));
    expect(((await write(many)) as PartialWriteError).refused).toHaveLength(2000);
  });

  test('a response beyond the size limit results in smaller batches', async () => {
    server.fail = () => ({ status: 400, type: 'document_parsing_exception', reason: 'x'.repeat(100_000) });
    expect(await write()).toBeInstanceOf(TooLargeError);
  });
});

describe('whole requests', () => {
  test('larger than http.max_content_length are split', async () => {
    server.maxBytes = 100;
    expect(await write()).toBeInstanceOf(TooLargeError);
  });

  test('400 about the content is permanent', async () => {
    const error = await writeWithReply({ status: 400, body: { error: { reason: 'Malformed action/metadata line' } } });
    expect(error).toBeInstanceOf(PermanentError);
  });

  test.each<[FakeReply, RegExp]>([
    ['reset', /closed before the answer/],
    [
      { status: 400, body: { error: 'no handler found for uri [/x/_bulk] and method [POST]' } },
      /does not accept bulk requests \(400\)/,
    ],
    [{ status: 401 }, /requires credentials/],
    [{ status: 403, body: 'security_exception' }, /denied access \(403\); grant these credentials the permission/],
    [{ status: 404 }, /is not Elasticsearch; check url \(404\)/],
    [{ status: 405 }, /does not accept bulk requests \(405\)/],
    [{ status: 406 }, /does not accept bulk requests \(406\)/],
    [{ status: 429, body: { error: { type: 'circuit_breaking_exception' } } }, /is rate limiting/],
    [{ status: 500 }, /failed \(500\)/],
    [{ status: 503 }, /is unavailable or overloaded/],
    [{ status: 200, body: '<html><title>Sign in</title>' }, /does not respond like Elasticsearch \(200\); check url$/],
    [{ status: 200, body: 'ok' }, /does not respond like Elasticsearch/],
    [{ status: 200, body: { errors: false, items: [] } }, /does not respond like Elasticsearch/],
  ])('%j is retried', async (reply, text) => {
    const error = await writeWithReply(reply);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(text);
  });

  test('an abort ends the wait for a slow server', async () => {
    server.next = ['hang'];
    const controller = new AbortController();
    await withOutput({ url: server.url, manage_template: false }, async (output) => {
      const writing = output.write(BATCH, controller.signal);
      await waitFor(() => server.requests.length === 1);
      controller.abort(new Error('the deadline has passed'));
      expect((await writing)?.message).toMatch(/the deadline has passed/);
    });
  });

  test('a server that is down is reported', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const error = await write(BATCH, { url });
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(/nothing listens there/);
  });
});

describe('nodes', () => {
  test('the next one takes over when one does not respond, and stays in use', async () => {
    const log = recordingLog();
    const urls = [`http://127.0.0.1:${await freePort()}`, server.url];
    await withOutput(
      { urls, manage_template: false },
      async (output) => {
        expect(await output.write(testBatch(['m v=1 1']))).toBeUndefined();
        expect(await output.write(testBatch(['m v=1 2']))).toBeUndefined();
      },
      { log },
    );
    expect(server.stored()).toHaveLength(2);
    expect(log.lines).toEqual(['warn: Failed over to another node']);
  });

  test('the next one also takes over from one that is slow until the signal aborts', async () => {
    const slow = await startFakeElasticsearch();
    slow.next = ['hang'];
    await withOutput({ urls: [slow.url, server.url], manage_template: false }, async (output) => {
      const controller = new AbortController();
      const writing = output.write(BATCH, controller.signal);
      await waitFor(() => slow.requests.length === 1);
      controller.abort(new Error('too slow'));
      expect(await writing).toBeInstanceOf(Error);
      expect(await output.write(testBatch(['m v=1 1']))).toBeUndefined();
    });
    expect(server.stored()).toHaveLength(1);
    await slow.close();
  });

  test('one without a cluster is skipped; a response about the lines is final', async () => {
    const other = await startFakeElasticsearch();
    server.next = [{ status: 503 }];
    expect(await write(BATCH, { url: undefined, urls: [server.url, other.url] })).toBeInstanceOf(PartialWriteError);
    expect(other.stored()).toHaveLength(3);
    expect(server.requests).toHaveLength(1);
    await other.close();
  });

  test('if none responds, the error is that of the last one', async () => {
    const port = await freePort();
    const error = await write(BATCH, {
      url: undefined,
      urls: [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port}`],
    });
    expect(error).toBeInstanceOf(RetryableError);
  });
});

test('messages contain no secrets', async () => {
  const options = { username: 'joe', password: 's3cr3t-pass', headers: { 'X-Key': 's3cr3t-header' } };
  for (const status of [400, 401, 403, 404, 418, 500]) {
    const error = await writeWithReply(
      { status, body: `you sent s3cr3t-pass s3cr3t-header ${btoa('joe:s3cr3t-pass')}` },
      options,
    );
    expect(error?.message).toContain('you sent *** *** ***');
  }
  const key = await writeWithReply({ status: 500, body: 'you sent ApiKey c2VjcmV0a2V5' }, { api_key: 'c2VjcmV0a2V5' });
  expect(key?.message).toContain('you sent ApiKey ***');
});
