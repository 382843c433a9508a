/** Peers that answer with too much: bombs, endless bodies, millions of samples. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from '@jest/globals';

import { describeError } from '../../src/core/errors.ts';
import { createHttpClient } from '../../src/host/http-client.ts';
import { influxdb } from '../../src/outputs/influxdb/index.ts';
import { exec } from '../../src/plugins/exec/index.ts';
import { prometheus } from '../../src/plugins/prometheus/index.ts';
import { testInput } from '../../src/testing.ts';
import { testBatch } from '../support/kit/batch.ts';
import { openOutput } from '../support/kit/open-output.ts';

const MiB = 1024 * 1024;
/** Without turns the loop stood still for 8 s and more; a busy machine takes part of a second. */
const STANDSTILL_MS = 4000;
const NEVER = new AbortController().signal;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @returns how far resident memory rose above its level before, at most, in bytes; and the longest the loop was blocked, in ms */
async function costOf(work: () => Promise<unknown>): Promise<{ readonly memory: number; readonly blocked: number }> {
  const before = process.memoryUsage.rss();
  let [highest, blocked, last] = [before, 0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return { memory: Math.max(highest, process.memoryUsage.rss()) - before, blocked };
}

/** Inflates to 120 MiB. */
const bomb = gzipSync(Buffer.alloc(120 * MiB, ' '));

describe('InfluxDB', () => {
  const write = async (url: string): Promise<unknown> => {
    const output = await openOutput(influxdb, { url, database: 'telegraf' });
    try {
      return await output.write(testBatch(['cpu usage=1 1'])).catch((error: unknown) => error);
    } finally {
      await output.close();
    }
  };

  it('H-001: an error that inflates to hundreds of megabytes is not inflated', async () => {
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(400, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb);
    });
    let outcome: unknown;
    const { memory } = await costOf(async () => {
      outcome = await write(url);
    });
    expect((outcome as Error).name).toMatch(/^(Permanent|Retryable)Error$/);
    expect(memory).toBeLessThan(60 * MiB);
  });

  it.each([400, 503])('H-002: an endless error (%i) is read up to a bound', async (status) => {
    const chunk = `"${'x'.repeat(65_536)}",`;
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json' });
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    let outcome: unknown;
    const { memory } = await costOf(async () => {
      outcome = await write(url);
    });
    expect((outcome as Error).name).toMatch(/^(Permanent|Retryable)Error$/);
    expect((outcome as Error).message.length).toBeLessThan(2000);
    expect(memory).toBeLessThan(60 * MiB);
  });
});

it('H-001: the client of all other outputs and notifiers inflates nothing that was not asked for', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(500, { 'content-encoding': 'gzip' }).end(bomb);
  });
  const { memory } = await costOf(async () => {
    const { status, body } = await createHttpClient()({ url }, NEVER);
    expect(status).toBe(500);
    expect(body.length).toBeLessThanOrEqual(65_536);
  });
  expect(memory).toBeLessThan(60 * MiB);
});

async function errorsOf(...input: Parameters<typeof testInput>): Promise<readonly string[]> {
  const { gather, stop } = await testInput(...input);
  try {
    const { errors } = await gather();
    return errors.map(describeError);
  } finally {
    await stop();
  }
}

describe('a scrape target', () => {
  it.each([
    ['samples', 'a 1\n'],
    ['comments', '#\n'],
  ])('H-003: with millions of %s costs little, and the loop goes on', async (what, line) => {
    const body = gzipSync(line.repeat(60_000_000 / line.length));
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(body);
    });
    let errors: readonly string[] = [];
    const { blocked } = await costOf(async () => {
      errors = await errorsOf(prometheus, { urls: [url], max_body: '64MiB' });
    });
    if (what === 'samples') expect(errors.join()).toContain('more than 200000 samples');
    else expect(errors).toEqual([]);
    expect(blocked).toBeLessThan(STANDSTILL_MS);
  });
});

it('H-004: a program that prints millions of lines is refused, and the loop goes on', async () => {
  const script = "process.stdout.write('m a=1\\n'.repeat(1_600_000))";
  let errors: readonly string[] = [];
  const { blocked } = await costOf(async () => {
    errors = await errorsOf(exec, { commands: [[process.execPath, '-e', script]] });
  });
  expect(errors.join()).toContain('printed more than 100000 metrics, and none is used; raise max_metrics');
  expect(blocked).toBeLessThan(STANDSTILL_MS);
});
