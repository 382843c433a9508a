/** Back-pressure from end to end: an output is away, the journal fills, clients of a listener wait, and nothing is lost. */
import { InfluxDB, setLogger } from '@influxdata/influxdb-client';
import { afterEach, expect, test } from '@jest/globals';

import { startRealAgent, type RealAgent } from '../support/kit/real-agent.ts';
import { startSink, type Sink } from '../support/fakes/sink.ts';
import { freePort, waitFor } from '../support/servers/real-server.ts';

let agent: RealAgent | undefined;
let sink: Sink | undefined;

/** Its warnings of each attempt. */
setLogger({ warn: () => undefined, error: () => undefined });

afterEach(async () => {
  await agent?.close();
  await sink?.close();
});

/** Text that does not compress, the same in each run. */
function noise(): () => string {
  let state = 1;
  const letter = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(97 + ((state >>> 16) % 26));
  };
  return () => Array.from({ length: 1000 }, letter).join('');
}

const BATCHES = 100;
const LINES = 70;

test('a full journal is a 503, on which the client of InfluxDB waits; every confirmed line arrives', async () => {
  sink = await startSink();
  sink.answer = (response) => response.writeHead(503).end();
  const port = await freePort();
  agent = await startRealAgent(`
agent: { interval: 1h }
history: false
inputs: [{ influxdb_listener: { listen: '127.0.0.1:${port}', token: t } }]
outputs: [{ influxdb: { urls: ['${sink.url}'], database: d, skip_database_creation: true, flush_interval: 1s } }]
journal: { max_bytes: 4MiB }
`);
  const client = new InfluxDB({ url: `http://127.0.0.1:${port}`, token: 't' });
  const text = noise();
  const statuses = new Set<number>();
  let confirmed = 0;
  const writer = client.getWriteApi('o', 'b', 'ns', {
    batchSize: LINES,
    maxRetries: 50,
    maxRetryTime: 300_000,
    maxRetryDelay: 1000,
    writeSuccess: (lines) => (confirmed += lines.length),
    writeFailed: (error) => {
      statuses.add((error as { statusCode?: number }).statusCode ?? 0);
    },
  });
  for (let batch = 0; batch < BATCHES; batch += 1) {
    for (let line = 0; line < LINES; line += 1)
      writer.writeRecord(`app,batch=${batch} text="${text()}" ${batch * LINES + line + 1}`);
    await writer.flush(false);
  }
  await waitFor(() => statuses.has(503), { what: 'a refusal', timeout: 30_000 });
  expect([...statuses]).toEqual([503]);
  expect(confirmed).toBeLessThan(BATCHES * LINES);
  sink.answer = (response) => response.writeHead(204).end();
  await waitFor(() => confirmed === BATCHES * LINES, { what: 'every confirmation', timeout: 100_000 });
  await writer.close();
  const app = () =>
    new Set(sink!.lines.filter((line) => line.startsWith('app,')).map((line) => line.split(' ').at(-1)));
  await waitFor(() => app().size === BATCHES * LINES, { what: 'every line', timeout: 60_000 });
}, 180_000);
