import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { http } from '../../../src/outputs/http/index.ts';
import { PermanentError, RetryableError, TooLargeError, type z } from '../../../src/plugin/index.ts';
import { manualClock } from '../../../src/testing.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { startFakeHttp, type FakeHttp, type FakeReply } from '../../support/fakes/http.ts';
import { openOutput } from '../../support/kit/open-output.ts';
import { waitFor } from '../../support/servers/real-server.ts';

const LINES = [
  'cpu,host=a usage=1.5,n=9007199254740993i 1700000000000000000',
  'log,host=b text="a\nb" 1700000001000000000',
];
const BATCH = testBatch(LINES);
const SECRET_PATH = '/hooks/s3cr3t-path?key=s3cr3t-query';

let service: FakeHttp;

beforeEach(async () => {
  service = await startFakeHttp(() => ({ status: 204 }));
});

afterEach(() => service.close());

type Options = Partial<z.input<typeof http.config>>;

async function write(options: Options = {}): Promise<Error | undefined> {
  const output = await openOutput(http, { url: service.url + SECRET_PATH, ...options }, { clock: manualClock() });
  try {
    return await output.write(BATCH);
  } finally {
    await output.close();
  }
}

async function writeWithReply(reply: FakeReply, options: Options = {}): Promise<Error | undefined> {
  service.next = [reply];
  return write(options);
}

describe('contract', () => {
  for (const content_encoding of ['identity', 'gzip']) {
    describe(content_encoding, () => {
      outputContract(
        () => Promise.resolve(http),
        async () => {
          const sink = await startFakeHttp(() => ({ status: 204 }));
          const bodies = () => sink.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
          return {
            options: { url: sink.url, content_encoding },
            received: () => Buffer.from(bodies().join('')),
            close: () => sink.close(),
          };
        },
      );
    });
  }
});

describe('requests', () => {
  test('have line protocol by default, and the configured URL', async () => {
    expect(await write()).toBeUndefined();
    expect(service.requests).toHaveLength(1);
    expect(service.requests[0]).toMatchObject({
      method: 'POST',
      path: '/hooks/s3cr3t-path',
      query: { key: 's3cr3t-query' },
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: `${LINES.join('\n')}\n`,
    });
  });

  test('have the compressed bytes of the batch, for line protocol', async () => {
    await write({ content_encoding: 'gzip' });
    expect(service.requests[0]?.headers['content-encoding']).toBe('gzip');
    expect(service.requests[0]?.bytes.equals(await BATCH.gzip())).toBe(true);
  });

  test('have JSON, one object per line', async () => {
    await write({ method: 'PUT', format: 'json', timestamp_units: '1ns', content_encoding: 'gzip' });
    expect(service.requests[0]?.method).toBe('PUT');
    expect(service.requests[0]?.headers['content-type']).toBe('application/x-ndjson');
    expect(service.requests[0]?.body).toBe(
      '{"fields":{"usage":1.5,"n":9007199254740993},"name":"cpu","tags":{"host":"a"},"timestamp":1700000000000000000}\n' +
        '{"fields":{"text":"a\\nb"},"name":"log","tags":{"host":"b"},"timestamp":1700000001000000000}\n',
    );
  });

  test('have JSON as an array', async () => {
    await write({ format: 'json', json_layout: 'array' });
    expect(service.requests[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(service.requests[0]?.body ?? '')).toMatchObject([
      { name: 'cpu', timestamp: 1_700_000_000 },
      { name: 'log', fields: { text: 'a\nb' } },
    ]);
  });

  test('have CSV, each with a header', async () => {
    await write({ format: 'csv' });
    const [header, row] = service.requests[0]?.body.split('\n') ?? [];
    expect(header).toBe('time,measurement,host,tags,field,value');
    expect(row).toBe('2023-11-14T22:13:20Z,cpu,a,,usage,1.5');
  });

  test('have credentials and headers, which may override the content type', async () => {
    await write({ username: 'joe', password: 'p:ss', headers: { 'X-Site': 'fra1', 'Content-Type': 'text/influx' } });
    expect(service.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${btoa('joe:p:ss')}`,
      'x-site': 'fra1',
      'content-type': 'text/influx',
    });
    await write({ bearer_token: 'the-token' });
    expect(service.requests[1]?.headers.authorization).toBe('Bearer the-token');
  });
});

describe('a response', () => {
  test.each([200, 201, 202, 204, 299])('%d confirms the batch', async (status) => {
    expect(await writeWithReply({ status })).toBeUndefined();
  });

  test('must have one of success_statuscodes, if there are any', async () => {
    expect(await writeWithReply({ status: 202 }, { success_statuscodes: [202] })).toBeUndefined();
    const error = await writeWithReply({ status: 200 }, { success_statuscodes: [202] });
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toBe(`${service.host} answered 200, which is not a success; check url`);
  });

  test.each([400, 409, 422])('%d permanently rejects the lines', async (status) => {
    const error = await writeWithReply({ status, body: 'bad\n  lines' });
    expect(error).toBeInstanceOf(PermanentError);
    expect(error?.message).toBe(`${service.host} permanently rejected lines (${status}): bad lines`);
  });

  test('non_retryable_statuscodes selects those statuses', async () => {
    expect(await writeWithReply({ status: 400 }, { non_retryable_statuscodes: [] })).toBeInstanceOf(RetryableError);
    expect(await writeWithReply({ status: 404 }, { non_retryable_statuscodes: [404] })).toBeInstanceOf(PermanentError);
  });

  test('413 results in smaller batches', async () => {
    expect(await writeWithReply({ status: 413 })).toBeInstanceOf(TooLargeError);
  });

  test.each([
    [301, 'redirects (301), which is not followed; set url to the final address'],
    [401, 'requires credentials (401); set username and password, bearer_token or headers'],
    [403, 'denied access (403); grant these credentials the permission'],
    [404, 'has nothing at this path; check url (404)'],
    [405, 'answered 405, which is not a success; check url'],
    [408, 'failed (408)'],
    [429, 'is rate limiting (429)'],
    [500, 'failed (500)'],
    [503, 'is unavailable or overloaded (503)'],
  ])('%d is retried, so that a wrong destination loses nothing', async (status, text) => {
    const error = await writeWithReply({ status });
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toBe(`${service.host} ${text}`);
  });

  test('Retry-After is honoured', async () => {
    const error = await writeWithReply({ status: 429, headers: { 'retry-after': '7' } });
    expect((error as RetryableError).retryAfterMs).toBe(7000);
  });

  test('wrong credentials are distinguished from missing ones', async () => {
    const error = await writeWithReply({ status: 401 }, { bearer_token: 'the-token' });
    expect(error?.message).toMatch(/rejected the credentials \(401\); check username/);
  });

  test('that does not arrive is retried', async () => {
    expect(await writeWithReply('reset')).toBeInstanceOf(RetryableError);
    await service.close();
    const error = await write();
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(/nothing listens there/);
  });

  test('that is slow is abandoned when the signal aborts', async () => {
    service.next = ['hang'];
    const output = await openOutput(http, { url: service.url });
    const controller = new AbortController();
    const writing = output.write(BATCH, controller.signal);
    await waitFor(() => service.requests.length === 1);
    controller.abort(new Error('the deadline has passed'));
    expect((await writing)?.message).toMatch(/the deadline has passed/);
    await output.close();
  });
});

test('messages contain no secrets, even if the service echoes them', async () => {
  const secrets = ['s3cr3t-pass', 's3cr3t-header', 's3cr3t-path', 's3cr3t-query', btoa('joe-user:s3cr3t-pass')];
  const echo = `cannot POST /hooks/s3cr3t-path?key=s3cr3t-query with ${secrets.join()}`;
  const options = { username: 'joe-user', password: 's3cr3t-pass', headers: { 'X-Key': 's3cr3t-header' } };
  for (const status of [302, 400, 401, 403, 404, 413, 418, 429, 500]) {
    const error = await writeWithReply({ status, body: echo }, options);
    expect(error?.message).toContain('***');
    for (const secret of secrets) expect(error?.message).not.toContain(secret);
  }
});

test('messages contain no short paths and queries either', async () => {
  const error = await writeWithReply(
    { status: 404, body: 'cannot POST /in/k3y?t=77' },
    { url: `${service.url}/in/k3y?t=77` },
  );
  expect(error?.message).toMatch(/: cannot POST \*{6}$/);
});

describe('connect', () => {
  const connect = async (reply: FakeReply) => {
    service.next = [reply];
    const output = await openOutput(http, { url: service.url });
    return output.connect().finally(() => output.close());
  };

  test('sends HEAD, and accepts any response except a rejection of the credentials', async () => {
    expect(await connect({ status: 405 })).toBeUndefined();
    expect(service.requests.map(({ method, body }) => [method, body])).toEqual([['HEAD', '']]);
    expect(await connect({ status: 401 })).toBeInstanceOf(RetryableError);
    expect(await connect('reset')).toBeInstanceOf(RetryableError);
  });
});

test('uses the certificates of the option tls', async () => {
  const certificate = await selfSigned();
  const files = certificateFiles(certificate);
  const secure = await startFakeHttp(() => ({ status: 200 }), certificate);
  expect(await write({ url: secure.url, tls: { ca: files.cert } })).toBeUndefined();
  expect((await write({ url: secure.url }))?.message).toMatch(/self-signed; name its authority in tls.ca/);
  await secure.close();
  files.remove();
});

describe('options', () => {
  const problem = (options: object) => http.config.safeParse({ url: 'http://h', ...options }).error?.issues[0]?.message;

  test.each([
    [{ url: 'ftp://s3cr3t' }, 'must be a URL that begins with http:// or https://'],
    [{ username: 'a', bearer_token: 'b' }, 'give bearer_token, or username and password, not both'],
    [{ password: 'b' }, 'is missing; password requires it'],
    [{ bearer_token: 'a\nb' }, 'has characters that an HTTP header cannot contain'],
    [{ headers: { 'a b': 'c' } }, expect.stringContaining('Invalid key')],
    [{ method: 'GET' }, expect.stringContaining('Invalid option')],
  ])('%j is rejected', (options, message) => {
    expect(problem(options)).toEqual(message);
  });
});
