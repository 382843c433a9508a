/** The output against a real InfluxDB 1. */
import { describe, expect } from '@jest/globals';

import { isolateRefused } from '../../../src/deliver/isolate.ts';
import { LineBatch } from '../../../src/metric/batch.ts';
import { PartialWriteError, RetryableError, TooLargeError, type Batch } from '../../../src/plugin/index.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { INFLUXD, startInfluxd, type Influxd, type InfluxdSettings } from '../../support/servers/influxd.ts';
import { testWith } from '../../support/servers/real-server.ts';
import type { OpenOutput } from '../../support/kit/open-output.ts';

import { openOutput } from './open.ts';

const realTest = testWith(INFLUXD);

const NOW = 1_700_000_000_000_000_000n;
const USER = { username: 'writer', password: 'letmein' };

async function withInfluxd(settings: InfluxdSettings, body: (server: Influxd) => Promise<void>): Promise<void> {
  const server = await startInfluxd(settings);
  try {
    await body(server);
  } finally {
    await server.stop();
  }
}

async function withOutput(
  options: Parameters<typeof openOutput>[0],
  body: (output: OpenOutput) => Promise<void>,
): Promise<void> {
  const output = await openOutput(options);
  try {
    await body(output);
  } finally {
    await output.close();
  }
}

realTest('creates the database, writes every type, and reads it back', () =>
  withInfluxd({}, async (server) => {
    await withOutput({ url: server.url, database: 'tele "graf"' }, async (output) => {
      expect(await output.connect()).toBeUndefined();
      const lines = [
        `cpu,host=a\\ b,dc=fra1 usage=1.5,count=9007199254740993i,up=true,note="a \\"b\\", c" ${NOW + 1n}`,
        `cpu,host=c usage=2,count=0i,up=false,note="ü" ${NOW + 2n}`,
      ];
      expect(await output.write(testBatch(lines))).toBeUndefined();
      const db = 'tele "graf"';
      const [points] = await server.query('SELECT * FROM cpu', { db });
      expect(points?.columns).toEqual(['time', 'count', 'dc', 'host', 'note', 'up', 'usage']);
      expect(points?.values[1]).toEqual([Number(NOW + 2n), 0, null, 'c', 'ü', false, 2]);
      expect(points?.values[0]?.slice(2)).toEqual(['fra1', 'a b', 'a "b", c', true, 1.5]);
      const [types] = await server.query('SHOW FIELD KEYS FROM cpu', { db });
      expect(Object.fromEntries(types?.values ?? [])).toEqual({
        usage: 'float',
        count: 'integer',
        up: 'boolean',
        note: 'string',
      });
    });
  }),
);

realTest('accepts concatenated gzip members and uncompressed lines', () =>
  withInfluxd({}, async (server) => {
    await withOutput({ url: server.url, database: 'd' }, async (output) => {
      const parts = [testBatch([`m v=1 ${NOW}`]), testBatch([`m v=2 ${NOW + 1n}`])];
      const members = await Promise.all(parts.map((part) => part.gzip()));
      const joined: Batch = {
        size: 2,
        lines: Buffer.concat(parts.map(({ lines }) => lines)),
        gzip: () => Promise.resolve(Buffer.concat(members)),
        metrics: () => parts.flatMap((part) => [...part.metrics()]),
      };
      expect(await output.write(joined)).toBeUndefined();
    });
    await withOutput({ url: server.url, database: 'd', content_encoding: 'identity' }, async (output) => {
      expect(await output.write(testBatch([`m v=3 ${NOW + 2n}`]))).toBeUndefined();
    });
    const [points] = await server.query('SELECT v FROM m', { db: 'd' });
    expect(points?.values.map(([, value]) => value)).toEqual([1, 2, 3]);
  }),
);

realTest('identifies rejected lines; the others are stored', () =>
  withInfluxd({}, async (server) => {
    await withOutput({ url: server.url, database: 'd' }, async (output) => {
      await output.write(testBatch([`m v=1i ${NOW}`]));
      const conflicts = [`m v=1.5 ${NOW + 1n}`, `m v=2i ${NOW + 2n}`, `m v="x" ${NOW + 3n}`, `n v=1 ${NOW}`];
      const conflict = await output.write(testBatch(conflicts));
      expect(conflict).toBeInstanceOf(PartialWriteError);
      expect((conflict as PartialWriteError).refused).toEqual([0, 2]);

      const unparsable = await output.write(testBatch([`m v=3i ${NOW + 4n}`, `m v=5u ${NOW}`, `m v=4i ${NOW + 5n}`]));
      expect((unparsable as PartialWriteError).refused).toEqual([1]);

      const nothing = await output.write(testBatch([`m v=5u ${NOW}`, `m v=6u ${NOW}`]));
      expect((nothing as PartialWriteError).refused).toEqual([0, 1]);

      const [points] = await server.query('SELECT v FROM m', { db: 'd' });
      expect(points?.values.map(([, value]) => value)).toEqual([1, 2, 3, 4]);
      expect(await server.query('SELECT v FROM n', { db: 'd' })).toHaveLength(1);
    });
  }),
);

realTest('identifies lines that are older than the retention policy', () =>
  withInfluxd({}, async (server) => {
    await server.query('CREATE DATABASE d WITH DURATION 1h NAME "hour"');
    await withOutput({ url: server.url, database: 'd', retention_policy: 'hour' }, async (output) => {
      const now = BigInt(Date.now()) * 1_000_000n;
      const error = await output.write(testBatch([`m v=1 ${now}`, `m v=2 ${NOW}`, `m v=3 ${now + 1n}`, `m v=4 1`]));
      expect((error as PartialWriteError).refused).toEqual([1, 3]);
    });
    await withOutput({ url: server.url, database: 'd', retention_policy: 'none' }, async (output) => {
      const error = await output.write(testBatch([`m v=1 ${NOW}`]));
      expect(error).toBeInstanceOf(RetryableError);
      expect((error as Error).message).toMatch(/correct retention_policy: retention policy not found: none/);
    });
  }),
);

realTest('together with the host, every valid line arrives although types conflict within a batch', () =>
  withInfluxd({}, async (server) => {
    await withOutput({ url: server.url, database: 'd' }, async ({ output }) => {
      const values = ['1.5', '2i', '3.5', '"x"', '4.5', '5i'];
      const lines = values.map((value, index) => `new v=${value} ${NOW + BigInt(index)}\n`);
      const whole = new LineBatch(Buffer.from(lines.join('')), lines.length);
      const signal = new AbortController().signal;
      const refusals = await isolateRefused(whole, (part) => output.write(part, signal));
      const refused = refusals.flatMap((refusal) => refusal.lines);
      const [points] = await server.query('SELECT v FROM "new"', { db: 'd' });
      expect(points?.values.length).toBe(lines.length - refused.length);
      expect(refused.length).toBeGreaterThan(0);
      expect(new Set(refused).size).toBe(refused.length);
    });
  }),
);

const HOUR = 3_600_000_000_000n;

/** Each shard of an hour is written alone, and the answer is about the first that refuses something. */
describe('what the answer does not mention is written again', () => {
  async function refusedOf(server: Influxd, retention: string, lines: readonly string[]): Promise<readonly string[]> {
    const database = `CREATE DATABASE d WITH DURATION ${retention} SHARD DURATION 1h NAME "r"`;
    await server.query(database);
    const found: string[] = [];
    await withOutput({ url: server.url, database: 'd', retention_policy: 'r' }, async ({ output }) => {
      const signal = new AbortController().signal;
      const now = BigInt(Date.now()) * 1_000_000n;
      await output.write(testBatch([`m v=1.5 ${now}`, `n w="x" ${now - 3n * HOUR}`]), signal);
      const whole = new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
      const refusals = await isolateRefused(whole, (part) => output.write(part, signal));
      for (const { lines: refused } of refusals) found.push(...refused);
    });
    return found;
  }

  realTest('C-001: a conflict in another shard', () =>
    withInfluxd({}, async (server) => {
      const now = BigInt(Date.now()) * 1_000_000n + 1n;
      const [bad, silent] = [`m v=2i ${now}`, `n w=5 ${now - 3n * HOUR}`];
      const good = [`m v=7 ${now + 1n}`, `n w="y" ${now - 3n * HOUR + 1n}`, `n w="z" ${now - 6n * HOUR}`];
      expect(new Set(await refusedOf(server, '7d', [bad, silent, ...good]))).toEqual(new Set([bad, silent]));
      const rows = async (name: string) => (await server.query(`SELECT * FROM r.${name}`, { db: 'd' }))[0]?.values;
      expect((await rows('m'))?.map(([, value]) => value)).toEqual(expect.arrayContaining([1.5, 7]));
      expect((await rows('n'))?.map(([, value]) => value)).toEqual(expect.arrayContaining(['x', 'y', 'z']));
    }),
  );

  realTest('C-002: a line beyond the retention policy beside a conflict', () =>
    withInfluxd({}, async (server) => {
      const now = BigInt(Date.now()) * 1_000_000n + 1n;
      const lines = [`m v=2i ${now}`, 'backfill v=1 1000000000', `m v=8 ${now + 1n}`];
      expect(new Set(await refusedOf(server, '7d', lines))).toEqual(new Set(lines.slice(0, 2)));
    }),
  );
});

realTest('recognizes a request that is too large', () =>
  withInfluxd({ maxBodySize: 2000 }, async (server) => {
    await withOutput({ url: server.url, database: 'd', content_encoding: 'identity' }, async (output) => {
      const lines = Array.from({ length: 20_000 }, (_, index) => `m v=${index} ${NOW + BigInt(index)}`);
      expect(await output.write(testBatch(lines))).toBeInstanceOf(TooLargeError);
      expect(await output.write(testBatch(lines.slice(0, 20)))).toBeUndefined();
    });
  }),
);

realTest('credentials: reports wrong ones, missing ones and missing permissions', () =>
  withInfluxd({ auth: true }, async (server) => {
    const admin = { user: 'admin', password: 'boss' };
    await server.query("CREATE USER admin WITH PASSWORD 'boss' WITH ALL PRIVILEGES");
    await server.query(`CREATE USER ${USER.username} WITH PASSWORD '${USER.password}'`, admin);
    const base = { url: server.url, database: 'd' };
    const connectError = async (options: object) => {
      let error: unknown;
      await withOutput({ ...base, ...options }, async (output) => {
        error = await output.connect();
      });
      return (error as Error | undefined)?.message;
    };
    expect(await connectError({})).toMatch(/requires credentials; set username and password/);
    expect(await connectError({ ...USER, password: 'wrong' })).toMatch(
      /check username and password: authorization failed/,
    );
    // The first write creates the database.
    expect(await connectError(USER)).toBeUndefined();
    await withOutput({ ...base, ...USER }, async (output) => {
      const refused = await output.write(testBatch([`m v=1 ${NOW}`]));
      expect(refused?.message).toMatch(/healthd is not allowed to create it \(403\): .*requires admin privilege/);
    });
    await withOutput({ ...base, username: 'admin', password: 'boss' }, async (output) => {
      expect(await output.write(testBatch([`m v=1 ${NOW}`]))).toBeUndefined();
    });
    expect(await connectError(USER)).toMatch(/does not allow username and password to write to database "d"; grant/);
    await server.query(`GRANT WRITE ON d TO ${USER.username}`, admin);
    expect(await connectError({ ...USER, skip_database_creation: true })).toBeUndefined();
    await withOutput({ ...base, ...USER }, async (output) => {
      expect(await output.write(testBatch([`m v=1 ${NOW}`]))).toBeUndefined();
    });
    expect(await server.query('SELECT v FROM m', { db: 'd', ...admin })).toHaveLength(1);
  }),
);

realTest('reports that this version has no buckets', () =>
  withInfluxd({}, async (server) => {
    await withOutput({ url: server.url, bucket: 'b' }, async (output) => {
      const error = await output.connect();
      expect(error).toBeInstanceOf(RetryableError);
      expect((error as Error).message).toMatch(/for InfluxDB 1 set database instead of bucket/);
    });
  }),
);
