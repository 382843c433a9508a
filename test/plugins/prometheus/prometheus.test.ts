import { describe, expect, test } from '@jest/globals';

import { prometheus } from '../../../src/plugins/prometheus/index.ts';
import type { z } from '../../../src/plugin/index.ts';
import { testInput, type Gathered } from '../../../src/testing.ts';
import { serveExposition } from '../../support/fakes/exposition-server.ts';
import { PROMETHEUS, startPrometheus } from '../../support/servers/prometheus.ts';
import { testWith } from '../../support/servers/real-server.ts';
import { startVictoriaMetrics, VICTORIA_METRICS } from '../../support/servers/victoria-metrics.ts';

async function gather(options: z.input<typeof prometheus.config>): Promise<Gathered> {
  const input = await testInput(prometheus, options);
  try {
    return await input.gather(7n);
  } finally {
    await input.stop();
  }
}

/** Runs the body with a server. */
async function serving<Result>(
  answer: Parameters<typeof serveExposition>[0],
  body: (server: Awaited<ReturnType<typeof serveExposition>>) => Promise<Result>,
): Promise<Result> {
  const server = await serveExposition(answer);
  try {
    return await body(server);
  } finally {
    await server.close();
  }
}

test('metrics become float fields; labels and URL become tags', () =>
  serving('# TYPE up gauge\nup{job="a",none=""} 1\nlate 2 1700000000000\n', async ({ url, requests }) => {
    const { metrics, errors } = await gather({ urls: [url] });
    expect(errors).toEqual([]);
    expect(metrics).toEqual([
      { name: 'prometheus', tags: { host: 'test', job: 'a', url: `${url}/metrics` }, fields: { up: 1 }, time: 7n },
      {
        name: 'prometheus',
        tags: { host: 'test', url: `${url}/metrics` },
        fields: { late: 2 },
        time: 1_700_000_000_000_000_000n,
      },
    ]);
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/metrics' });
    expect(requests[0]?.headers.accept).toMatch(/^text\/plain;version=0\.0\.4,/);
  }));

test('url_tag can be renamed or disabled, and timestamps ignored', () =>
  serving('late{url="kept"} 2 1700000000000\n', async ({ url }) => {
    const without = await gather({ urls: [`${url}/other?a=b`], url_tag: '', ignore_timestamp: true });
    expect(without.metrics).toMatchObject([{ tags: { host: 'test', url: 'kept' }, time: 7n }]);
    const renamed = await gather({ urls: [`${url}/other?a=b`], url_tag: 'target' });
    expect(renamed.metrics).toMatchObject([{ tags: { target: `${url}/other?a=***`, url: 'kept' } }]);
  }));

test('OpenMetrics is detected by the content type', () =>
  serving(
    (_, response) => {
      response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
      response.end('# TYPE a counter\na_total 1 1700000000.5\n# EOF\n');
    },
    async ({ url }) => {
      const { metrics, errors } = await gather({ urls: [url] });
      expect(errors).toEqual([]);
      expect(metrics).toMatchObject([{ fields: { a_total: 1 }, time: 1_700_000_000_500_000_000n }]);
    },
  ));

test.each([
  [{ username: 'u', password: 'p' }, `Basic ${Buffer.from('u:p').toString('base64')}`],
  [{ bearer_token: 'secret' }, 'Bearer secret'],
  [{ headers: { Authorization: 'Own x' } }, 'Own x'],
])('sends credentials %j', (options, expected) =>
  serving('up 1\n', async ({ url, requests }) => {
    expect((await gather({ urls: [url], ...options })).errors).toEqual([]);
    expect(requests[0]?.headers.authorization).toBe(expected);
  }),
);

test('credentials in the URL are sent, but not in the tag', () =>
  serving('up 1\n', async ({ url, requests }) => {
    const { metrics } = await gather({ urls: [url.replace('//', '//user:hunter2@')] });
    expect(metrics).toMatchObject([{ tags: { url: `${url}/metrics` } }]);
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:hunter2').toString('base64')}`);
  }));

describe('a failing target', () => {
  test('does not affect the others', () =>
    serving('up 1\n', ({ url }) =>
      serving(
        (_, response) => response.writeHead(503).end('starting'),
        async (failing) => {
          const { metrics, errors } = await gather({ urls: ['http://127.0.0.1:1/', failing.url, url] });
          expect(metrics).toMatchObject([{ fields: { up: 1 } }]);
          expect(errors.map(({ message }) => message).sort()).toEqual([
            expect.stringMatching(/^127\.0\.0\.1:1: /),
            expect.stringMatching(/^127\.0\.0\.1:\d+ answered 503: starting/),
          ]);
        },
      ),
    ));

  test('with an invalid line reports no metrics', () =>
    serving('up 1\nbroken{ 2\n', async ({ url }) => {
      const { metrics, errors } = await gather({ urls: [url] });
      expect(metrics).toEqual([]);
      expect(String(errors[0]?.cause)).toMatch(/line 2: .*broken/);
    }));

  test('with a too large response reports no metrics', () =>
    serving(`up 1\n# ${'x'.repeat(2000)}\n`, async ({ url }) => {
      const { metrics, errors } = await gather({ urls: [url], max_body: 1000 });
      expect(metrics).toEqual([]);
      expect(errors[0]?.message).toMatch(/^The response of 127\.0\.0\.1:\d+ exceeds 1000 bytes; raise max_body/);
    }));
});

test('an aborted gather reports no error', () =>
  serving(
    () => undefined,
    async ({ url, requests }) => {
      const input = await testInput(prometheus, { urls: [url] });
      const abort = new AbortController();
      const errors: unknown[] = [];
      const gathered = input.input.gather({ add() {}, error: (error) => errors.push(error) }, abort.signal);
      while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      await gathered;
      expect(errors).toEqual([]);
      await input.stop();
    },
  ));

testWith(PROMETHEUS)('scrapes a real Prometheus', async () => {
  const server = await startPrometheus();
  try {
    const { metrics, errors } = await gather({ urls: [server.url] });
    expect(errors).toEqual([]);
    const fields = new Set(metrics.flatMap((metric) => Object.keys(metric.fields)));
    for (const field of [
      'go_goroutines',
      'go_gc_duration_seconds',
      'go_gc_duration_seconds_count',
      'prometheus_http_request_duration_seconds_bucket',
      'prometheus_build_info',
    ])
      expect(fields).toContain(field);
    const build = metrics.find((metric) => 'prometheus_build_info' in metric.fields);
    expect(build?.tags['version']).toMatch(/^\d+\./);
  } finally {
    await server.stop();
  }
});

testWith(VICTORIA_METRICS)('scrapes a real VictoriaMetrics', async () => {
  const server = await startVictoriaMetrics();
  try {
    const { metrics, errors } = await gather({ urls: [`${server.url}/metrics`] });
    expect(errors).toEqual([]);
    expect(metrics.some((metric) => 'vm_free_disk_space_bytes' in metric.fields)).toBe(true);
  } finally {
    await server.stop();
  }
});
