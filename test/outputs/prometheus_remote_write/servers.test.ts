/** The output against a real Prometheus and a real VictoriaMetrics. */
import { expect } from '@jest/globals';

import { isolateRefused } from '../../../src/deliver/isolate.ts';
import { LineBatch } from '../../../src/metric/batch.ts';
import { PartialWriteError, PermanentError, RetryableError } from '../../../src/plugin/index.ts';
import {
  PROMETHEUS,
  startPrometheus,
  type Prometheus,
  type PrometheusSettings,
} from '../../support/servers/prometheus.ts';
import { testWith } from '../../support/servers/real-server.ts';
import { startVictoriaMetrics, VICTORIA_METRICS } from '../../support/servers/victoria-metrics.ts';

import { openOutput, type OpenOutput } from './open.ts';

async function withPrometheus(
  body: (server: Prometheus, output: OpenOutput, at: (seconds: number) => string) => Promise<void>,
  settings: PrometheusSettings = {},
): Promise<void> {
  const server = await startPrometheus({ remoteWrite: true, ...settings });
  const output = await openOutput({ url: server.writeUrl });
  // A minute ago, so that no sample is in the future of a query.
  const base = Date.now() - 60_000;
  try {
    await body(server, output, (seconds) => `${base + seconds * 1000}000000`);
  } finally {
    await output.close();
    await server.stop();
  }
}

const prometheusTest = testWith(PROMETHEUS);

prometheusTest('written samples can be queried, with labels and times', () =>
  withPrometheus(async (server, output, at) => {
    expect(await output.connect()).toBeUndefined();
    const lines = [`cpu,host=a,Zone=ü idle=2.5,n=3i,ok=t,text="x" ${at(2)}`, `cpu,host=a,Zone=ü idle=1 ${at(1)}`];
    expect(await output.write(lines)).toBeUndefined();
    const found = await server.queryUntil('{host="a"}[5m]', 4);
    const labels = { host: 'a', Zone: 'ü' };
    expect(found.map(({ metric, value, time }) => [metric, value, `${time}000000`])).toEqual(
      expect.arrayContaining([
        [{ __name__: 'cpu_idle', ...labels }, 1, at(1)],
        [{ __name__: 'cpu_idle', ...labels }, 2.5, at(2)],
        [{ __name__: 'cpu_n', ...labels }, 3, at(2)],
        [{ __name__: 'cpu_ok', ...labels }, 1, at(2)],
      ]),
    );
  }),
);

prometheusTest('stored samples may be sent again; different values and older samples are permanently rejected', () =>
  withPrometheus(async (_, output, at) => {
    expect(await output.write([`cpu idle=1 ${at(1)}`])).toBeUndefined();
    expect(await output.write([`cpu idle=2 ${at(2)}`])).toBeUndefined();
    expect(await output.write([`cpu idle=2 ${at(2)}`])).toBeUndefined();
    const refused = [await output.write([`cpu idle=3 ${at(2)}`]), await output.write([`cpu idle=1 ${at(1)}`])];
    for (const error of refused) expect(error).toBeInstanceOf(PermanentError);
    expect(refused.map(String)).toEqual([
      expect.stringMatching(/permanently rejected samples \(400\): duplicate sample for timestamp/),
      expect.stringMatching(/permanently rejected samples \(400\): out of order sample/),
    ]);
  }),
);

prometheusTest('the host isolates the rejected line, since Prometheus stores nothing of its request', () =>
  withPrometheus(async (server, output, at) => {
    expect(await output.write([`cpu,host=late idle=1 ${at(9)}`])).toBeUndefined();
    const lines = Array.from(
      { length: 20 },
      (_, index) => `cpu,host=${index === 13 ? 'late' : `h${index}`} idle=1 ${at(1)}`,
    );
    expect(await output.write(lines)).toBeInstanceOf(PermanentError);
    expect(await server.query('cpu_idle[5m]')).toHaveLength(1);
    const batch = new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
    const refusals = await isolateRefused(batch, (part) => output.output.write(part, new AbortController().signal));
    expect(refusals.flatMap((refusal) => refusal.lines)).toEqual([lines[13]]);
    expect(await server.queryUntil('cpu_idle[5m]', 20)).toHaveLength(20);
  }),
);

prometheusTest('lines that are too old are found by their time, and the rest arrives', () =>
  withPrometheus(async (server, output, at) => {
    expect(await output.write([`other n=1 ${at(59)}`])).toBeUndefined();
    const lines = [-9000, -8000, -7000, 1, 2, 3].flatMap((seconds) => [
      `cpu,host=a idle=${seconds} ${at(seconds)}`,
      `cpu,host=b idle=${seconds} ${at(seconds)}`,
    ]);
    const error = await output.write(lines);
    expect(error).toBeInstanceOf(PartialWriteError);
    expect((error as PartialWriteError).refused).toEqual([0, 1, 2, 3, 4, 5]);
    const values = (await server.queryUntil('cpu_idle{host="b"}[5m]', 3)).map(({ value }) => value);
    expect(values).toEqual([1, 2, 3]);
  }),
);

prometheusTest('with out_of_order_time_window, old samples are stored, and may be sent again', () =>
  withPrometheus(
    async (server, output, at) => {
      expect(await output.write([`cpu idle=9 ${at(9)}`])).toBeUndefined();
      const old = [`cpu idle=1 ${at(-9000)}`, `cpu idle=2 ${at(2)}`];
      expect(await output.write(old)).toBeUndefined();
      expect(await output.write(old)).toBeUndefined();
      expect((await server.queryUntil('cpu_idle[12h]', 3)).map(({ value }) => value)).toEqual([1, 2, 9]);
    },
    { outOfOrder: '24h' },
  ),
);

prometheusTest('without the receiver, or at another path, the batch is kept', async () => {
  const server = await startPrometheus();
  try {
    for (const url of [server.writeUrl, `${server.url}/api/v2/write`]) {
      const output = await openOutput({ url });
      for (const error of [await output.connect(), await output.write(['a b=1 1'])]) {
        expect(error).toBeInstanceOf(RetryableError);
        expect(String(error)).toMatch(/enable-remote-write-receiver/);
      }
      await output.close();
    }
  } finally {
    await server.stop();
  }
});

testWith(VICTORIA_METRICS)('VictoriaMetrics accepts samples in any order, with basic authentication', async () => {
  const server = await startVictoriaMetrics({ username: 'vm', password: 'letmein' });
  const url = `${server.url}/api/v1/write`;
  const output = await openOutput({ url, username: 'vm', password: 'letmein' });
  const anonymous = await openOutput({ url });
  const now = Date.now() - 60_000;
  try {
    expect(await output.connect()).toBeUndefined();
    expect(await output.write([`cpu,host=a idle=2 ${now}000000`])).toBeUndefined();
    expect(await output.write([`cpu,host=a idle=1 ${now - 1000}000000`])).toBeUndefined();
    expect(await server.export('{__name__="cpu_idle"}', 1)).toMatchObject([
      { metric: { __name__: 'cpu_idle', host: 'a' }, values: [1, 2], timestamps: [now - 1000, now] },
    ]);
    expect(String(await anonymous.connect())).toMatch(/RetryableError: .*requires credentials/);
  } finally {
    await output.close();
    await anonymous.close();
    await server.stop();
  }
});
