import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from '@jest/globals';

import { createHttpClient } from '../../src/host/http-client.ts';
import { describeError } from '../../src/core/errors.ts';

const NEVER = new AbortController().signal;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function failure(url: string, headers: Record<string, string> = {}, signal = NEVER): Promise<Error> {
  try {
    await createHttpClient()({ url, headers, body: '{}' }, signal);
  } catch (error) {
    return error as Error;
  }
  throw new Error('There was an answer');
}

describe('an answer', () => {
  it('AL-103: comes back whatever its status, and redirects are not followed', async () => {
    const asked: string[] = [];
    const port = await serve((request, response) => {
      asked.push(`${String(request.method)} ${String(request.url)} ${String(request.headers['x-one'])}`);
      response.writeHead(302, { location: '/elsewhere', 'X-Mixed': 'case' }).end('moved');
    });
    const url = `http://127.0.0.1:${port}/hook`;
    const answer = await createHttpClient()({ url, headers: { 'x-one': '1' }, body: 'hello' }, NEVER);
    expect(answer).toMatchObject({ status: 302, body: 'moved', isCut: false });
    expect(answer.headers.get('x-mixed')).toBe('case');
    expect(asked).toEqual(['POST /hook 1']);
  });

  it('of status 101 comes back too, instead of being waited for', async () => {
    const port = await serve(() => undefined);
    servers[0]?.on('connection', (socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 101 Go on\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'));
    });
    const { status, body } = await createHttpClient()({ url: `http://127.0.0.1:${port}/` }, NEVER);
    expect({ status, body }).toEqual({ status: 101, body: '' });
  });

  it('is cut after 64 KiB, however much there is', async () => {
    const port = await serve((_request, response) => {
      const write = () => {
        while (response.write('x'.repeat(10_000)));
        response.once('drain', write);
      };
      write();
    });
    const url = `http://127.0.0.1:${port}/`;
    const { body, isCut } = await createHttpClient()({ url }, NEVER);
    expect(body).toHaveLength(65_536);
    expect(isCut).toBe(true);
    // No more is kept of one that exceeds a higher bound.
    const beyond = await createHttpClient()({ url, maxAnswerBytes: 100_000 }, NEVER);
    expect([beyond.body.length, beyond.isCut]).toEqual([65_536, true]);
  });

  it('that comes as gzip is inflated, within the same bound; one that is not gzip after all is no answer', async () => {
    const text = 'healthy '.repeat(1000);
    const bodies = [
      gzipSync(text),
      gzipSync(Buffer.alloc(10_000_000)),
      Buffer.from('no gzip'),
      gzipSync(text).subarray(0, 20),
    ];
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bodies.shift());
    });
    const headers = { 'accept-encoding': 'gzip' };
    const ask = () => createHttpClient()({ url: `http://127.0.0.1:${port}/`, headers }, NEVER);
    expect(await ask()).toMatchObject({ body: text, isCut: false });
    expect(await ask()).toMatchObject({ body: '\0'.repeat(65_536), isCut: true });
    await expect(ask()).rejects.toThrow(`127.0.0.1:${port}: `);
    await expect(ask()).rejects.toThrow(`127.0.0.1:${port}: `);
  });

  it('that is called gzip may be nothing at all', async () => {
    const port = await serve((request, response) => {
      response.writeHead(request.method === 'PUT' ? 204 : 200, { 'content-encoding': 'gzip' }).end();
    });
    for (const method of ['HEAD', 'PUT', 'POST']) {
      const headers = { 'accept-encoding': 'gzip' };
      const answer = createHttpClient()({ url: `http://127.0.0.1:${port}/`, method, headers }, NEVER);
      expect(await answer).toMatchObject({ body: '', isCut: false });
    }
  });

  it('to credentials in the address is an answer to a header', async () => {
    const port = await serve((request, response) => response.end(request.headers.authorization));
    const { body } = await createHttpClient()({ url: `http://ann:p%40ss@127.0.0.1:${port}/` }, NEVER);
    expect(body).toBe(`Basic ${Buffer.from('ann:p@ss').toString('base64')}`);
  });
});

describe('AL-108: no error tells the path, the query or credentials', () => {
  const SECRET = /s3cret|services|hunter2/;

  it('when nothing listens there', async () => {
    const port = await serve(() => undefined);
    servers[0]!.close();
    const error = await failure(`http://u:hunter2@127.0.0.1:${port}/services/s3cret?sig=s3cret`);
    expect(error.message).toBe(
      `127.0.0.1:${port}: nothing listens there; start the service or correct url (ECONNREFUSED)`,
    );
    expect(error.name).toBe('RetryableError');
    expect(describeError(error)).not.toMatch(SECRET);
  });

  it.each([
    ['a scheme that is not HTTP', 'ftp://host/services/s3cret', {}],
    ['no URL at all', 'services/s3cret', {}],
    ['a header that cannot be sent', 'http://127.0.0.1/services', { authorization: 'Bearer s3cret\r\nx' }],
  ])('for %s, which no retry will mend', async (_what, url, headers) => {
    const error = await failure(url, headers);
    expect(error.name).toBe('TargetError');
    expect(describeError(error)).not.toMatch(SECRET);
  });

  it('when the connection is closed before the answer', async () => {
    const port = await serve((request) => request.socket.destroy());
    const error = await failure(`http://127.0.0.1:${port}/services/s3cret`);
    expect(error.message).toBe(`127.0.0.1:${port}: the connection was closed before the answer (ECONNRESET)`);
    expect(describeError(error)).not.toMatch(SECRET);
  });

  it('when the time is over', async () => {
    const port = await serve(() => undefined);
    const stop = new AbortController();
    const failing = failure(`http://127.0.0.1:${port}/services/s3cret`, {}, stop.signal);
    stop.abort(new DOMException('no answer within 10 s', 'TimeoutError'));
    const error = await failing;
    expect(error.message).toBe(`127.0.0.1:${port}: no answer within 10 s`);
    expect(error.name).toBe('RetryableError');
  });
});
