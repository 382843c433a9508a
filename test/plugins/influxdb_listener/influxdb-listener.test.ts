import { InfluxDB, Point } from '@influxdata/influxdb-client';
import { afterEach, describe, expect, test } from '@jest/globals';

import { influxdbListener } from '../../../src/plugins/influxdb_listener/index.ts';
import type { Storage, z } from '../../../src/plugin/index.ts';
import { openListener, SAFE, type OpenListener } from '../../support/kit/open-listener.ts';
import { waitFor } from '../../support/servers/real-server.ts';

let opened: OpenListener | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(options: z.input<typeof influxdbListener.config> = {}, storage?: Storage): Promise<OpenListener> {
  opened = await openListener(influxdbListener, options, storage);
  return opened;
}

async function write(url: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method: 'POST', body, headers });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

describe('a write', () => {
  test.each([
    ['/write?db=d', 'cpu v=1 1700000000000000001', 'cpu v=1 1700000000000000001'],
    ['/write?db=d&precision=n', 'cpu v=1 5', 'cpu v=1 5'],
    ['/write?db=d&precision=u', 'cpu v=1 5', 'cpu v=1 5000'],
    ['/write?db=d&precision=ms', 'cpu v=1 5', 'cpu v=1 5000000'],
    ['/write?db=d&precision=s', 'cpu v=1 5', 'cpu v=1 5000000000'],
    ['/write?db=d&precision=m', 'cpu v=1 5', 'cpu v=1 300000000000'],
    ['/write?db=d&precision=h', 'cpu v=1 5', 'cpu v=1 18000000000000'],
    ['/api/v2/write?org=o&bucket=b&precision=us', 'cpu v=1i 5', 'cpu v=1i 5000'],
    ['/api/v3/write_lp?db=d&precision=second', 'cpu v="x" 5', 'cpu v="x" 5000000000'],
    ['/api/v3/write_lp?db=d', 'cpu v=1 1700000000', 'cpu v=1 1700000000000000000'],
    ['/api/v3/write_lp?db=d', 'cpu v=1 1700000000123', 'cpu v=1 1700000000123000000'],
    ['/api/v3/write_lp?db=d', 'cpu v=1 1700000000123456', 'cpu v=1 1700000000123456000'],
    ['/api/v3/write_lp?db=d', 'cpu v=1 1700000000123456789', 'cpu v=1 1700000000123456789'],
  ])('%s of %s is %s', async (path, body, line) => {
    const { url, lines } = await open();
    expect(await write(url + path, body)).toEqual({ status: 204, body: undefined });
    expect(lines).toEqual([line]);
  });

  test('gets the database and the retention policy as tags, if configured', async () => {
    const { url, lines } = await open({ database_tag: 'db', retention_policy_tag: 'rp' });
    await write(`${url}/write?db=telegraf&rp=week`, 'cpu,host=a v=1 1');
    await write(`${url}/api/v2/write?bucket=b`, 'cpu,db=own v=1 1');
    expect(lines).toEqual(['cpu,db=telegraf,host=a,rp=week v=1 1', 'cpu,db=own v=1 1']);
  });

  test('to a database that is not taken is refused', async () => {
    const { url, lines } = await open({ databases: ['team-*'] });
    expect(await write(`${url}/write?db=team-a`, 'a v=1')).toEqual({ status: 204, body: undefined });
    expect(await write(`${url}/write?db=other`, 'a v=1')).toEqual({
      status: 404,
      body: { error: 'No database or bucket "other" is taken here; see the option databases' },
    });
    expect(await write(`${url}/api/v2/write?bucket=x`, 'a v=1')).toMatchObject({ body: { code: 'not found' } });
    expect(lines).toHaveLength(1);
  });
});

describe('bad lines are named one by one, and cost nothing but themselves', () => {
  const BODY = 'a v=1 1\nbad\nb v= 2\nc v=3 3';

  test('as InfluxDB 1 says it', async () => {
    const { url, lines } = await open();
    expect(await write(`${url}/write`, BODY)).toEqual({
      status: 400,
      body: {
        error:
          "partial write: unable to parse 'bad': 2:4: expected a tag or a field\n" +
          "unable to parse 'b v= 2': 3:5: expected a number, a boolean or a string in quotes dropped=2",
      },
    });
    expect(lines).toEqual(['a v=1 1', 'c v=3 3']);
  });

  test('as InfluxDB 2 says it', async () => {
    const { url } = await open();
    expect(await write(`${url}/api/v2/write`, 'bad')).toEqual({
      status: 400,
      body: { code: 'invalid', message: "unable to parse 'bad': 1:4: expected a tag or a field" },
    });
  });

  test('as InfluxDB 3 says it, also for a client that accepts no partial write', async () => {
    const { url, lines } = await open();
    const data = [
      { original_line: 'bad', line_number: 2, error_message: '2:4: expected a tag or a field' },
      expect.objectContaining({ line_number: 3 }),
    ];
    expect(await write(`${url}/api/v3/write_lp?db=d&accept_partial=false`, BODY)).toEqual({
      status: 400,
      body: { error: 'parsing failed for write_lp endpoint', data },
    });
    expect(lines).toEqual([]);
    expect(await write(`${url}/api/v3/write_lp?db=d`, BODY)).toEqual({
      status: 400,
      body: { error: 'partial write of line protocol occurred', data },
    });
    expect(lines).toHaveLength(2);
  });

  test('the answer to nothing but bad lines is bounded', async () => {
    const { url } = await open();
    const answer = await fetch(`${url}/write`, { method: 'POST', body: `${'x'.repeat(5000)}\n`.repeat(2000) });
    const text = await answer.text();
    expect(text.length).toBeLessThan(200_000);
    expect(text).toContain('and 1900 more lines');
    expect(answer.headers.get('x-influxdb-error')!.length).toBeLessThanOrEqual(200);
  });
});

describe('storage', () => {
  test('a write is confirmed when its lines are in the journal, and not before', async () => {
    let done: () => void = () => undefined;
    const written = new Promise<void>((resolve) => (done = resolve));
    const { url, lines } = await open({}, { trouble: undefined, nextLine: 0, written: () => written });
    let status: number | undefined;
    const answered = write(`${url}/write`, 'a v=1 1').then((answer) => ({ status } = answer));
    await waitFor(() => lines.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(status).toBeUndefined();
    done();
    await answered;
    expect(status).toBe(204);
  });

  test.each(['/write', '/api/v2/write', '/api/v3/write_lp'])(
    '%s: trouble is a 503 before anything is taken',
    async (path) => {
      const trouble = 'The journal is full of lines that an output has not taken';
      const { url, lines } = await open({}, { ...SAFE, trouble });
      const answer = await fetch(url + path, { method: 'POST', body: 'a v=1' });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
      expect(await answer.text()).toContain(`${trouble}; try again`);
      expect(lines).toEqual([]);
      expect((await fetch(`${url}/health`)).status).toBe(503);
    },
  );

  test('a journal that fails meanwhile is a 503', async () => {
    const { url } = await open(
      {},
      { ...SAFE, written: () => Promise.reject(new Error('The journal cannot be written')) },
    );
    expect(await write(`${url}/api/v2/write`, 'a v=1')).toEqual({
      status: 503,
      body: { code: 'unavailable', message: 'The journal cannot be written; try again' },
    });
  });
});

describe('clients', () => {
  test('ask whether the server is there, without credentials', async () => {
    const { url } = await open({ token: 't' });
    expect((await fetch(`${url}/ping`)).status).toBe(204);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'pass' });
    expect(await write(`${url}/write`, 'a v=1')).toMatchObject({ status: 401 });
    expect(await write(`${url}/api/v2/write`, 'a v=1')).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(await write(`${url}/api/v2/write`, 'a v=1', { authorization: 'Token t' })).toMatchObject({ status: 204 });
  });

  test('create their database first, as Telegraf does; queries are refused', async () => {
    const { url } = await open();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await write(`${url}/query`, 'q=CREATE+DATABASE+%22telegraf%22', form)).toEqual({
      status: 200,
      body: { results: [{ statement_id: 0 }] },
    });
    expect((await fetch(`${url}/query?q=SHOW+DATABASES`)).status).toBe(400);
  });

  test('the client library of InfluxDB 2 writes, and hears of refused lines', async () => {
    const { url, lines } = await open({ token: 'mine' });
    const writer = new InfluxDB({ url, token: 'mine' }).getWriteApi('o', 'b', 'ms', { maxRetries: 0 });
    writer.writePoint(new Point('m').tag('t', 'x y').intField('n', 3).timestamp(1700000000123));
    await writer.flush();
    expect(lines).toEqual(['m,t=x\\ y n=3i 1700000000123000000']);
    writer.writeRecord('bad');
    await expect(writer.flush()).rejects.toThrow(/unable to parse 'bad'/);
    await writer.close().catch(() => undefined);
  });
});

describe("Telegraf's heartbeat", () => {
  const HEARTBEAT = { id: 'agent-123', version: 'Telegraf 1.37.0', schema: 1 };

  test.each(['/heartbeat', '/agents/heartbeat'])('to %s is a point of its host', async (path) => {
    const { url, lines } = await open({ token: 't' });
    const logs = { errors: 1, warnings: 2, entries: [{ level: 'ERROR', message: 'x' }] };
    const full = {
      ...HEARTBEAT,
      hostname: 'web1',
      metrics: 71,
      logs,
      status: 'WARN',
      last: 1_700_000_000,
      configurations: ['/etc/t'],
    };
    expect(await write(url + path, JSON.stringify(full), { authorization: 'Bearer t' })).toMatchObject({ status: 204 });
    expect(await write(url + path, JSON.stringify(HEARTBEAT), { authorization: 'Bearer t' })).toMatchObject({
      status: 204,
    });
    expect(lines).toEqual([
      'telegraf_heartbeat,host=web1,instance=agent-123 up=1i,version="Telegraf 1.37.0",status="WARN",status_code=1i,' +
        'metrics=71i,log_errors=1i,log_warnings=2i,last_success=1700000000i 0',
      'telegraf_heartbeat,host=agent-123,instance=agent-123 up=1i,version="Telegraf 1.37.0" 0',
    ]);
    expect(await write(url + path, JSON.stringify(HEARTBEAT))).toMatchObject({ status: 401 });
  });

  test('that is none is refused with a reason; trouble is a 503', async () => {
    const { url, lines } = await open();
    expect(await write(`${url}/heartbeat`, '{"version":"1"}')).toEqual({
      status: 400,
      body: { error: expect.stringMatching(/^No heartbeat of Telegraf: id: /) },
    });
    expect(await write(`${url}/heartbeat`, 'no')).toMatchObject({ status: 400 });
    expect((await fetch(`${url}/heartbeat`)).status).toBe(405);
    await opened?.close();
    const full = await open({}, { ...SAFE, trouble: 'The journal is full' });
    expect(await write(`${full.url}/heartbeat`, JSON.stringify(HEARTBEAT))).toMatchObject({ status: 503 });
    expect([...lines, ...full.lines]).toEqual([]);
  });
});

test.each([
  [{ username: 'u' }, /together/],
  [{ listen: 'nowhere' }, /host:port/],
  [{ max_body_size: 'x' }, /x/],
])('the options %j are refused', (options, message) => {
  expect(influxdbListener.config.safeParse(options).error?.message).toMatch(message);
});
