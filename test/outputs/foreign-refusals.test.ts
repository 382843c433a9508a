/** What a proxy or a web server in front of the service answers refuses no line: only the service knows the lines. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import { outputs } from '../../src/outputs/index.ts';
import type { OutputPlugin } from '../../src/plugin/index.ts';
import { testBatch } from '../support/kit/batch.ts';
import { openOutput, type OpenOutput } from '../support/kit/open-output.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const NGINX = (status: number) =>
  `<html>\r\n<head><title>${status} Bad Request</title></head>\r\n<body>\r\n<center><h1>${status} Bad Request</h1></center>\r\n` +
  '<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n';

interface Page {
  readonly type: string | undefined;
  readonly body: (status: number) => string;
}

const PAGES: Readonly<Record<string, Page>> = {
  "nginx's page": { type: 'text/html', body: NGINX },
  'a page without a type': { type: undefined, body: (status) => `<!DOCTYPE html><title>${status}</title>` },
  'a page that begins with blanks': { type: 'TEXT/HTML; charset=utf-8', body: () => '\n\n  Sorry' },
};

/** Without the outputs whose service may answer with an empty body of its own. */
const BARE: Readonly<Record<string, Page>> = {
  ...PAGES,
  "Go's own words": { type: 'text/plain', body: (status) => `${status} Bad Request: missing required Host header` },
  'plain HTTP on a port with TLS': {
    type: 'text/plain',
    body: () => 'Client sent an HTTP request to an HTTPS server.\n',
  },
  'no body': { type: undefined, body: () => '' },
};

async function serve(status: number, { type, body }: Page): Promise<string> {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body(status));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function withOutput(name: string, options: object, body: (output: OpenOutput) => Promise<void>): Promise<void> {
  const plugin = (await outputs[name]?.()) as OutputPlugin;
  const output = await openOutput(plugin, options);
  try {
    await body(output);
  } finally {
    await output.close();
  }
}

const OUTPUTS: readonly (readonly [string, Readonly<Record<string, Page>>, (host: string) => object])[] = [
  ['influxdb', BARE, (host) => ({ url: `http://${host}`, database: 'telegraf' })],
  ['influxdb', BARE, (host) => ({ url: `http://${host}`, bucket: 'b', org: 'o', token: 't' })],
  ['loki', BARE, (host) => ({ url: `http://${host}` })],
  ['opentelemetry', BARE, (host) => ({ url: `http://${host}` })],
  ['prometheus_remote_write', BARE, (host) => ({ url: `http://${host}/api/v1/write` })],
  ['elasticsearch', BARE, (host) => ({ url: `http://${host}`, manage_template: false })],
  ['http', PAGES, (host) => ({ url: `http://${host}/ingest` })],
  ['graylog', PAGES, (host) => ({ address: `http://${host}/gelf` })],
];

describe.each(OUTPUTS)('%s', (name, pages, optionsOf) => {
  const cases = Object.entries(pages).flatMap(([what, page]) =>
    [400, 422].map((status) => [status, what, page] as const),
  );

  it.each(cases)('F-015: retries after %i with %s', async (status, _what, page) => {
    const host = await serve(status, page);
    await withOutput(name, optionsOf(host), async (output) => {
      const error = await output.write(testBatch(['cpu usage=1 1700000000000000000']));
      expect(error?.name).toBe('RetryableError');
      expect(error?.message).not.toContain('<');
    });
  });
});

/** Those whose `connect` asks the service. */
const ASKING = OUTPUTS.filter(([name]) => name !== 'prometheus_remote_write' && name !== 'http');

describe.each(ASKING)('%s', (name, _pages, optionsOf) => {
  it.each([200, 400, 422])('F-016: a web page (%i) is no connection', async (status) => {
    const host = await serve(status, { type: 'text/html', body: NGINX });
    await withOutput(name, optionsOf(host), async (output) => {
      expect((await output.connect())?.name).toBe('RetryableError');
    });
  });
});

/** What services say about a line that they refuse, so that it must not block the others for ever. */
const OWN: readonly (readonly [string, string, string])[] = [
  ['influxdb', 'InfluxDB 1', '{"error":"unable to parse \'cpu\': missing fields"}'],
  ['influxdb', 'InfluxDB 2', '{"code":"invalid","message":"unable to parse \'cpu\': missing fields"}'],
  ['influxdb', 'QuestDB', '{"code":"invalid","message":"failed to parse line protocol","line":1,"errorId":"1-2"}'],
  ['influxdb', 'VictoriaMetrics', 'remoteAddr: "127.0.0.1:5000"; requestURI: /write; cannot unmarshal the line'],
  ['influxdb', 'GreptimeDB', '{"code":1004,"error":"Invalid InfluxDB Line protocol","execution_time_ms":0}'],
  ['influxdb', 'Telegraf', '{"error":"http: bad request"}'],
  ['loki', 'a gateway of its own', 'Bad Request: entry too old\n'],
  ['prometheus_remote_write', 'a short text', 'Bad request: label name too long\n'],
];

it.each(OWN)('F-015: %s gives up the line that %s refuses', async (name, _service, body) => {
  const host = await serve(400, { type: undefined, body: () => body });
  const optionsOf = OUTPUTS.find(([other]) => other === name)?.[2];
  await withOutput(name, optionsOf?.(host) ?? {}, async (output) => {
    const error = await output.write(testBatch(['cpu usage=1 1700000000000000000']));
    expect(error?.name).toMatch(/^(?:Permanent|PartialWrite)Error$/);
  });
});
