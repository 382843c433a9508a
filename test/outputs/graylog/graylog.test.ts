import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { gelfMessage } from '../../../src/outputs/graylog/gelf.ts';
import { graylog } from '../../../src/outputs/graylog/index.ts';
import { PartialWriteError, RetryableError, TooLargeError } from '../../../src/plugin/index.ts';
import { DIFFICULT_LINES, outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { freePort, waitFor } from '../../support/servers/real-server.ts';
import { startGelfHttp, startGelfTcp, startGelfUdp, type GelfHttp, type GelfUdp } from '../../support/fakes/graylog.ts';
import { issues, withOutput } from '../../support/kit/open-output.ts';

const LOG =
  'healthd_log,host=web1,level=error,id=7 message="Größe 🌧\nsecond line",severity_code=3i 1700000000123456789';

const LOG_MESSAGE = {
  version: '1.1',
  host: 'web1',
  short_message: 'Größe 🌧\nsecond line',
  timestamp: 1_700_000_000.123,
  level: 3,
  _measurement: 'healthd_log',
  _level_: 'error',
  _id_: '7',
};

const DIFFICULT_MESSAGES = [
  { host: 'a', short_message: 'cpu', _measurement: 'cpu', _cpu: 'cpu0', _usage_idle: 99.5, _n: expect.any(Number) },
  {
    host: 'agent-host',
    short_message: 'we ather',
    _measurement: 'we ather',
    _ci_ty: 'M=ünchen',
    _emoji: '🌧',
    _wet: 'true',
    _note: 'a "quoted" back\\slash',
  },
  { host: 'b', short_message: 'log', _measurement: 'log', _text: 'two\nlines', ___: '中文' },
].map((fields) => ({ version: '1.1', timestamp: 1_700_000_000, level: 6, ...fields }));

async function withUdp(body: (server: GelfUdp) => Promise<void>): Promise<void> {
  const server = await startGelfUdp();
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

async function withHttp(body: (server: GelfHttp) => Promise<void>, settings = {}): Promise<void> {
  const server = await startGelfHttp(settings);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

describe('the contract over TCP', () => {
  outputContract(
    () => Promise.resolve(graylog),
    async () => {
      const server = await startGelfTcp();
      return {
        options: { address: `127.0.0.1:${server.port}` },
        received: () => undefined,
        close: () => server.stop(),
      };
    },
  );
});

describe('the contract over HTTP', () => {
  outputContract(
    () => Promise.resolve(graylog),
    async () => {
      const server = await startGelfHttp();
      return { options: { address: server.url }, received: () => undefined, close: () => server.stop() };
    },
  );
});

describe('a message', () => {
  const NO_TIME = { name: 'm', tags: {}, time: 0n };

  test('keeps all digits of integers, and makes equal names unique', () => {
    const fields = { 'a b': 9_223_372_036_854_775_807n, 'a/b': 1, a_b_: 'x', message: '' };
    expect(gelfMessage({ ...NO_TIME, fields }, 'here')).toBe(
      '{"version":"1.1","host":"here","short_message":"m","timestamp":0,"level":6,' +
        '"_measurement":"m","_a_b":9223372036854775807,"_a_b_":1,"_a_b__":"x"}',
    );
  });

  test('makes thousands of equal names unique without making them long', () => {
    const fields = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [String.fromCodePoint(0x4e00 + i), 1]));
    const message = gelfMessage({ ...NO_TIME, fields }, 'here');
    expect(message.length).toBeLessThan(40_000);
    expect(Object.keys(JSON.parse(message) as object)).toHaveLength(2006);
  });
});

test('over TCP and TLS null bytes delimit messages, and no character is lost', async () => {
  const certificate = await selfSigned();
  const files = certificateFiles(certificate);
  const [plain, secure] = [await startGelfTcp(), await startGelfTcp({ certificate })];
  try {
    const batch = testBatch([LOG, ...DIFFICULT_LINES]);
    await withOutput(graylog, { address: `tcp://127.0.0.1:${plain.port}` }, async ({ write }) => {
      expect(await write(batch)).toBeUndefined();
      expect(plain.messages).toEqual([LOG_MESSAGE, ...DIFFICULT_MESSAGES]);
      expect(String(plain.streams[0])).toContain('"_n":9007199254740993}');
    });
    const address = `tls://127.0.0.1:${secure.port}`;
    await withOutput(graylog, { address, tls: { ca: files.cert } }, async ({ connect, write }) => {
      expect(await connect()).toBeUndefined();
      expect(await write(batch)).toBeUndefined();
      expect(secure.messages).toEqual(plain.messages);
    });
    await withOutput(graylog, { address }, async ({ write }) => {
      const error = await write(batch);
      expect(error).toBeInstanceOf(RetryableError);
      expect(String(error)).toContain('self-signed');
    });
  } finally {
    await Promise.all([plain.stop(), secure.stop()]);
    files.remove();
  }
});

describe('over UDP', () => {
  test.each([
    ['gzip', '1f8b'],
    ['zlib', '789c'],
    ['none', '7b22'],
  ])('with compression %s messages arrive unchanged', (compression, beginning) =>
    withUdp(async (server) => {
      await withOutput(graylog, { address: `udp://127.0.0.1:${server.port}`, compression }, async ({ write }) => {
        expect(await write(testBatch([LOG, ...DIFFICULT_LINES]))).toBeUndefined();
        await waitFor(() => server.messages.length === 4);
        expect(server.messages).toEqual([LOG_MESSAGE, ...DIFFICULT_MESSAGES]);
        expect(new Set(server.beginnings)).toEqual(new Set([beginning]));
        expect(server.refusals).toEqual([]);
      });
    }),
  );

  test('a message larger than a datagram is sent in chunks; one that needs more than 128 is rejected', () =>
    withUdp(async (server) => {
      const large = randomBytes(12_000).toString('base64');
      const tooLarge = randomBytes(40_000).toString('base64');
      const lines = ['m n=1 0', `m,k=v message="${large}" 1000000000`, `m message="${tooLarge}" 1`, LOG];
      const options = { address: `udp://127.0.0.1:${server.port}`, chunk_size: 256 };
      await withOutput(graylog, { ...options }, async ({ write }) => {
        const error = await write(testBatch(lines.map((line) => line.replace(/ 0$/, ' 1000000000'))));
        expect(error).toBeInstanceOf(PartialWriteError);
        expect((error as PartialWriteError).refused).toEqual([2]);
        expect(String(error)).toContain(
          '1 of 4 lines were permanently rejected: more than 128 chunks; raise chunk_size',
        );
        await waitFor(() => server.messages.length === 3);
        expect(server.messages[1]?.short_message).toBe(large);
        expect(server.refusals).toEqual([]);
        expect(Math.max(...server.sizes)).toBe(256);
      });
    }));

  test('a closed port is an error if the system reports it', async () => {
    const address = `udp://127.0.0.1:${await freePort()}`;
    await withOutput(graylog, { address }, async ({ write }) => {
      const error = await write(testBatch(Array.from({ length: 100 }, () => LOG)));
      expect(error).toBeInstanceOf(RetryableError);
      expect(String(error)).toContain('nothing listens there');
    });
  });
});

describe('over HTTP', () => {
  test('each message is one request, to /gelf unless another path is given', () =>
    withHttp(async (server) => {
      await withOutput(graylog, { address: server.url }, async ({ connect, write }) => {
        expect(await connect()).toBeUndefined();
        expect(await write(testBatch([LOG, ...DIFFICULT_LINES]))).toBeUndefined();
        expect(server.messages).toEqual([LOG_MESSAGE, ...DIFFICULT_MESSAGES]);
      });
      await withOutput(graylog, { address: `${server.url}/other/secret` }, async ({ write }) => {
        const error = await write(testBatch([LOG]));
        expect(error).toBeInstanceOf(RetryableError);
        expect(String(error)).toContain('has no GELF input at this path (404); it is usually /gelf');
        expect(String(error)).not.toContain('secret');
      });
    }));

  test('a message that is too large is rejected, and the others are accepted', () =>
    withHttp(
      async (server) => {
        await withOutput(graylog, { address: server.url }, async ({ write }) => {
          const error = await write(testBatch([LOG, `m message="${'x'.repeat(1000)}" 1000000000`, LOG]));
          expect(error).toBeInstanceOf(PartialWriteError);
          expect((error as PartialWriteError).refused).toEqual([1]);
          expect(String(error)).toContain('the message is too large for the server (413)');
          expect(server.messages).toHaveLength(2);
        });
      },
      { maxMessage: 1000 },
    ));

  test('a batch that would take too long is split', () =>
    withHttp(async (server) => {
      await withOutput(graylog, { address: server.url }, async ({ write }) => {
        expect(await write(testBatch(Array.from({ length: 201 }, () => LOG)))).toBeInstanceOf(TooLargeError);
        expect(server.messages).toHaveLength(0);
      });
    }));

  test.each([
    [500, 'failed (500)'],
    [503, 'is overloaded or unavailable (503)'],
    [429, 'is overloaded or unavailable (429)'],
    [302, 'redirects (302)'],
    [403, 'rejected the credentials (403); check headers'],
  ])('status %p is retried', (status, text) =>
    withHttp(async (server) => {
      await withOutput(graylog, { address: server.url }, async ({ connect, write }) => {
        server.fail = status;
        for (const error of [await write(testBatch([LOG])), await connect()]) {
          expect(error).toBeInstanceOf(RetryableError);
          expect(String(error)).toContain(text);
          expect((error as RetryableError).retryAfterMs).toBe(7000);
        }
      });
    }),
  );

  test('the authorization header is sent and never shown', () =>
    withHttp(
      async (server) => {
        const headers = { Authorization: 'Bearer sesame' };
        await withOutput(graylog, { address: server.url, headers }, async ({ connect, write }) => {
          expect(await connect()).toBeUndefined();
          expect(await write(testBatch([LOG]))).toBeUndefined();
        });
        const wrong = { Authorization: 'Bearer mistaken' };
        await withOutput(graylog, { address: server.url, headers: wrong }, async ({ connect, write }) => {
          for (const error of [await write(testBatch([LOG])), await connect()]) {
            expect(error).toBeInstanceOf(RetryableError);
            expect(String(error)).toContain('rejected the credentials (401); check headers');
            expect(String(error)).not.toContain('mistaken');
          }
        });
      },
      { authorization: 'Bearer sesame' },
    ));

  test('a server that is down is reported', async () => {
    const address = `http://127.0.0.1:${await freePort()}/gelf`;
    await withOutput(graylog, { address }, async ({ connect, write }) => {
      expect(String(await write(testBatch([LOG])))).toContain('nothing listens there');
      expect(await connect()).toBeInstanceOf(RetryableError);
    });
  });
});

test('invalid options are reported by name', () => {
  expect(issues(graylog, { address: 'ftp://127.0.0.1' })[0]).toMatch(
    /^address: is not an address; use tcp:\/\/host:12201/,
  );
  expect(issues(graylog, { address: 'http://' })[0]).toMatch(/^address: is not an address/);
  expect(issues(graylog, { address: 'udp://127.0.0.1', tls: { ca: 'x' } })[0]).toMatch(/^tls: has no effect with udp/);
  expect(issues(graylog, { address: 'http://127.0.0.1', tls: { ca: 'x' } })[0]).toMatch(
    /^tls: has no effect with http/,
  );
  expect(issues(graylog, { address: 'https://127.0.0.1', tls: { ca: 'x' } })).toEqual([]);
  expect(issues(graylog, { address: 'udp://127.0.0.1', chunk_size: 20 })[0]).toMatch(/^chunk_size: must be between/);
  expect(issues(graylog, { address: 'http://127.0.0.1', headers: { a: 'x\ny' } })[0]).toMatch(
    /^headers.a: has characters/,
  );
});
