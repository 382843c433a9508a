import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { Heartbeat, type HeartbeatSettings } from '../../src/alerts/heartbeat.ts';
import { createHttpClient } from '../../src/host/http-client.ts';
import { manualClock } from '../../src/testing.ts';
import { startFakeHttp, type FakeHttp } from '../support/fakes/http.ts';
import { startFakeProxy } from '../support/fakes/proxy.ts';
import { recordingLog, type RecordingLog } from '../support/kit/recording-log.ts';
import { waitFor } from '../support/servers/real-server.ts';

const EVERY = 60_000;

let service: FakeHttp;
let clock: ReturnType<typeof manualClock>;
let log: RecordingLog;
let problem: string | undefined;
let heartbeat: Heartbeat;

beforeEach(async () => {
  service = await startFakeHttp(() => ({ status: 200 }));
  clock = manualClock();
  log = recordingLog();
  problem = undefined;
  heartbeat = made({});
});

afterEach(async () => {
  heartbeat.stop();
  await service.close();
});

function made(environment: Record<string, string>): Heartbeat {
  return new Heartbeat({ http: createHttpClient(environment), problem: () => problem, clock, log });
}

function settings(change: Partial<HeartbeatSettings> = {}): HeartbeatSettings {
  return { url: `${service.url}/ping/s3cr3t-id`, every: EVERY, ...change };
}

/** Waits for the calls so far. */
async function calls(count: number): Promise<void> {
  await waitFor(() => service.requests.length >= count);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(service.requests).toHaveLength(count);
}

describe('N-008: the heartbeat', () => {
  it('calls the URL at once, then every minute, with GET', async () => {
    heartbeat.use(settings());
    await calls(1);
    clock.advance(EVERY - 1);
    await calls(1);
    clock.advance(1);
    await calls(2);
    clock.advance(EVERY);
    await calls(3);
    expect(service.requests[2]).toMatchObject({ method: 'GET', path: '/ping/s3cr3t-id', body: '' });
    expect(log.lines).toEqual([]);
  });

  it('is withheld while alerting does not work; the log says why, and when it is sent again', async () => {
    problem = 'notifications to ops do not arrive';
    heartbeat.use(settings());
    clock.advance(EVERY);
    clock.advance(EVERY);
    await calls(0);
    expect(log.lines).toEqual(['warn: The heartbeat is withheld: notifications to ops do not arrive']);
    problem = undefined;
    clock.advance(EVERY);
    await calls(1);
    expect(log.lines.slice(1)).toEqual(['info: The heartbeat is sent again']);
  });

  it('that is not accepted is logged once, without the path of the URL, and so is the recovery', async () => {
    service.next = [{ status: 404 }, { status: 404 }, { status: 404 }];
    heartbeat.use(settings());
    await calls(1);
    for (const count of [2, 3, 4]) {
      clock.advance(EVERY);
      await calls(count);
    }
    expect(log.lines).toEqual([
      `warn: The heartbeat was not accepted: ${service.host} answered 404; correct alerts.heartbeat.url`,
      'info: The heartbeat is accepted again after 3m',
    ]);
  });

  it('does not follow a redirect', async () => {
    service.next = [{ status: 302, headers: { location: '/elsewhere' } }];
    heartbeat.use(settings());
    await waitFor(() => log.lines.length > 0);
    expect(log.lines).toEqual([
      `warn: The heartbeat was not accepted: ${service.host} answered 302; redirects are not followed, use the final address`,
    ]);
  });

  it('gives up a call without an answer before the next one is due', async () => {
    service.next = ['hang'];
    heartbeat.use(settings({ every: 10_000 }));
    await calls(1);
    clock.advance(8000);
    await waitFor(() => log.lines.length > 0);
    expect(log.lines).toEqual([`warn: The heartbeat was not accepted: ${service.host}: Timed out after 8s`]);
    clock.advance(2000);
    await calls(2);
  });

  it('goes on undisturbed over a reload that does not change it, and calls at once if it is changed', async () => {
    heartbeat.use(settings());
    await calls(1);
    clock.advance(EVERY / 2);
    heartbeat.use(settings());
    await calls(1);
    clock.advance(EVERY / 2);
    await calls(2);
    heartbeat.use(settings({ url: `${service.url}/other` }));
    await calls(3);
    clock.advance(EVERY);
    await calls(4);
    expect(service.requests.map(({ path }) => path).slice(2)).toEqual(['/other', '/other']);
  });

  it('ends with stop or without the option, and aborts a call that hangs, without a line in the log', async () => {
    service.next = ['hang'];
    heartbeat.use(settings());
    await calls(1);
    heartbeat.stop();
    clock.advance(EVERY);
    await calls(1);
    heartbeat.use(settings());
    await calls(2);
    heartbeat.use(undefined);
    clock.advance(EVERY);
    await calls(2);
    expect(log.lines).toEqual([]);
  });

  it('goes through the proxy of its option and of the environment', async () => {
    const proxy = await startFakeProxy();
    heartbeat.use(settings({ proxy: proxy.url }));
    await calls(1);
    expect(proxy.asked).toHaveLength(1);
    heartbeat.stop();
    heartbeat = made({ HTTP_PROXY: proxy.url });
    heartbeat.use(settings({ url: service.url.replace('127.0.0.1', 'service.test') }));
    await calls(2);
    expect(proxy.asked).toHaveLength(2);
    await proxy.close();
  });
});
