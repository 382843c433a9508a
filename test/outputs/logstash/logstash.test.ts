import { describe, expect, test } from '@jest/globals';

import { logstash } from '../../../src/outputs/logstash/index.ts';
import { RetryableError } from '../../../src/plugin/index.ts';
import { DIFFICULT_LINES, outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { freePort, waitFor } from '../../support/servers/real-server.ts';
import { startStreamServer } from '../../support/fakes/stream-server.ts';
import { startStrictLogstash, type StrictLogstash } from '../../support/fakes/logstash.ts';
import { issues, withOutput } from '../../support/kit/open-output.ts';

const LOG =
  'healthd_log,host=web1,level=error,source=a[b] message="line one\nline two",severity_code=3i,count=2i,de[tails]="x" ' +
  '1700000000123456789';

describe('the contract', () => {
  outputContract(
    () => Promise.resolve(logstash),
    async () => {
      const server = await startStrictLogstash();
      return {
        options: { address: `tcp://127.0.0.1:${server.port}` },
        received: () => undefined,
        close: () => server.stop(),
      };
    },
  );
});

async function sent(lines: readonly string[]): Promise<StrictLogstash> {
  const server = await startStrictLogstash();
  try {
    await withOutput(logstash, { address: `127.0.0.1:${server.port}` }, async ({ write }) => {
      expect(await write(testBatch(lines))).toBeUndefined();
    });
    return server;
  } finally {
    await server.stop();
  }
}

test('metrics arrive with all characters and digits', async () => {
  const { events, streams } = await sent(DIFFICULT_LINES);
  const common = { '@version': '1' };
  expect(events).toEqual([
    {
      ...common,
      '@timestamp': '2023-11-14T22:13:20.000000001Z',
      message: 'cpu',
      measurement: 'cpu',
      host: { name: 'a' },
      labels: { cpu: 'cpu0' },
      fields: { usage_idle: 99.5, n: expect.any(Number) },
    },
    {
      ...common,
      '@timestamp': '2023-11-14T22:13:20.000000002Z',
      message: 'we ather',
      measurement: 'we ather',
      host: { name: 'agent-host' },
      labels: { 'ci,ty': 'M=ünchen', emoji: '🌧' },
      fields: { wet: true, note: 'a "quoted" back\\slash' },
    },
    {
      ...common,
      '@timestamp': '2023-11-14T22:13:20.000000003Z',
      message: 'log',
      measurement: 'log',
      host: { name: 'b' },
      labels: {},
      fields: { text: 'two\nlines', 语言: '中文' },
    },
  ]);
  expect(String(streams[0])).toContain('"n":9007199254740993}');
});

test('a log record has text, level and severity in the fields of the Elastic Common Schema', async () => {
  const { events } = await sent([LOG, 'log message="no level" 0']);
  expect(events[0]).toEqual({
    '@timestamp': '2023-11-14T22:13:20.123456789Z',
    '@version': '1',
    message: 'line one\nline two',
    measurement: 'healthd_log',
    host: { name: 'web1' },
    log: { level: 'error', syslog: { severity: { code: 3 } } },
    labels: { level: 'error', source: 'a[b]' },
    fields: { count: 2, de_tails_: 'x' },
  });
  expect(events[1]).toMatchObject({ message: 'no level', log: {}, fields: {} });
});

test('a server that aborts, is down or does not close the connection has confirmed nothing', async () => {
  const refusing = await startStreamServer({
    take: () => {
      throw new Error('no');
    },
  });
  await withOutput(logstash, { address: `127.0.0.1:${refusing.port}` }, async ({ write }) => {
    const error = await write(testBatch([LOG]));
    expect(error).toBeInstanceOf(RetryableError);
    expect(String(error)).toContain(`127.0.0.1:${refusing.port}: the connection was closed before`);
  });
  await refusing.stop();

  await withOutput(logstash, { address: `127.0.0.1:${await freePort()}` }, async ({ connect, write }) => {
    expect(String(await connect())).toContain('nothing listens there; start the server or correct its address');
    expect(await write(testBatch([LOG]))).toBeInstanceOf(RetryableError);
  });

  const stuck = await startStreamServer({ isStuck: true });
  await withOutput(logstash, { address: `127.0.0.1:${stuck.port}` }, async ({ write }) => {
    const stop = new AbortController();
    const writing = write(testBatch([LOG]), stop.signal);
    await waitFor(() => stuck.clients() === 1);
    stop.abort(new Error('deadline exceeded'));
    expect(String(await writing)).toContain('deadline exceeded');
  });
  await stuck.stop();
});

test('sends over TLS to trusted servers', async () => {
  const certificate = await selfSigned();
  const files = certificateFiles(certificate);
  const server = await startStrictLogstash({ certificate });
  try {
    const address = `tls://127.0.0.1:${server.port}`;
    await withOutput(logstash, { address, tls: { ca: files.cert } }, async ({ connect, write }) => {
      expect(await connect()).toBeUndefined();
      expect(await write(testBatch([LOG]))).toBeUndefined();
      expect(server.events).toHaveLength(1);
    });
    await withOutput(logstash, { address }, async ({ write }) => {
      expect(String(await write(testBatch([LOG])))).toContain('self-signed; name its authority in tls.ca');
    });
  } finally {
    await server.stop();
    files.remove();
  }
});

test('the port is required, since Logstash has no default', () => {
  expect(issues(logstash, { address: 'tcp://logs.example' })[0]).toMatch(/^address: has no port/);
  expect(issues(logstash, { address: 'udp://logs.example:5000' })[0]).toMatch(/^address: must begin with one of/);
  expect(issues(logstash, { address: '127.0.0.1:5000', tls: { ca: 'x' } })[0]).toMatch(/^tls: has no effect with tcp/);
});
