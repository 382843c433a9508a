/** The output against a real VictoriaMetrics, which has the write APIs of InfluxDB 2 and 1. */
import { expect } from '@jest/globals';

import { testBatch } from '../../support/kit/batch.ts';
import { testWith } from '../../support/servers/real-server.ts';
import { startVictoriaMetrics, VICTORIA_METRICS } from '../../support/servers/victoria-metrics.ts';

import { openOutput } from './open.ts';

const realTest = testWith(VICTORIA_METRICS);

realTest('accepts writes of both versions, with basic authentication', async () => {
  const now = Date.now();
  const server = await startVictoriaMetrics({ username: 'vm', password: 'letmein' });
  const credentials = { url: server.url, username: 'vm', password: 'letmein' };
  const outputs = [
    await openOutput({ ...credentials, bucket: 'b', org: 'o' }),
    await openOutput({ ...credentials, database: 'd' }),
    await openOutput({ url: server.url, bucket: 'b' }),
  ];
  try {
    expect(await outputs[0]?.connect()).toBeUndefined();
    expect(await outputs[0]?.write(testBatch([`cpu,host=a usage=1.5,count=3i ${now}000000`]))).toBeUndefined();
    expect(await outputs[1]?.connect()).toBeUndefined();
    expect(await outputs[1]?.write(testBatch([`mem,host=a free=7i ${now}000000`]))).toBeUndefined();
    expect(String(await outputs[2]?.connect())).toMatch(/requires credentials; set token/);

    const cpu = await server.export('{__name__=~"cpu_.*"}', 2);
    const values = cpu.map(({ metric, values, timestamps }) => [
      metric['__name__'],
      metric['host'],
      values,
      timestamps,
    ]);
    expect(values.sort()).toEqual([
      ['cpu_count', 'a', [3], [now]],
      ['cpu_usage', 'a', [1.5], [now]],
    ]);
    const [mem] = await server.export('mem_free', 1);
    expect(mem).toMatchObject({ metric: { db: 'd', host: 'a' }, values: [7] });
  } finally {
    for (const output of outputs) await output.close();
    await server.stop();
  }
});
