/** The contract of notifiers that speak HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { describe, expect, it } from '@jest/globals';

import type { Clock, Notifier, NotifierPlugin } from '../../src/plugin/index.ts';
import { manualClock, testContext } from '../../src/testing.ts';
import { firing } from '../support/kit/sample-alerts.ts';

export interface HttpNotifierCase {
  readonly plugin: NotifierPlugin;
  /** @param url of the fake service, with a secret in its path */
  readonly options: (url: string) => unknown;
  /** The service's answer for success. */
  readonly success: { readonly status: number; readonly body: string };
  readonly secrets: readonly string[];
}

export interface Taken {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FakeService {
  readonly url: string;
  readonly taken: Taken[];
  /** The status of each answer, in the order of `taken`. */
  readonly answers: number[];
  answer: FakeAnswer | ((request: Taken) => FakeAnswer) | 'hang' | 'reset';
  close(): Promise<void>;
}

export const SECRET_PATH = '/services/T000/B000/s3cr3t-path';

export async function fakeService(answer: FakeService['answer']): Promise<FakeService> {
  const taken: Taken[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
      taken.push(received);
      if (service.answer === 'hang') return;
      if (service.answer === 'reset') {
        request.socket.destroy();
        return;
      }
      const answered = typeof service.answer === 'function' ? service.answer(received) : service.answer;
      const { status, body, headers = {} } = answered;
      answers.push(status);
      response.writeHead(status, headers).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const service: FakeService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${SECRET_PATH}`,
    taken,
    answers,
    answer,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return service;
}

export async function makeNotifier(plugin: NotifierPlugin, options: unknown, clock?: Clock): Promise<Notifier> {
  return plugin.create(plugin.config.parse(options), testContext({ clock: clock ?? manualClock() }));
}

/** The outcome of `notify`: `ok`, or the class and message of the error. */
export async function outcome(
  notifier: Notifier,
  notification = firing(),
  signal = AbortSignal.timeout(5000),
): Promise<{ readonly name: string; readonly message: string; readonly retryAfterMs?: number | undefined }> {
  try {
    await notifier.notify(notification, signal);
    return { name: 'ok', message: '' };
  } catch (error) {
    return error as Error & { readonly retryAfterMs?: number };
  }
}

export function httpNotifierContract({ plugin, options, success, secrets }: HttpNotifierCase): void {
  const withService = async (
    answer: FakeService['answer'],
    work: (notifier: Notifier, service: FakeService) => Promise<void>,
  ) => {
    const service = await fakeService(answer);
    const notifier = await makeNotifier(plugin, options(service.url));
    try {
      await work(notifier, service);
    } finally {
      await notifier.stop?.();
      await service.close();
    }
  };
  const failing = (status: number, headers: Readonly<Record<string, string>> = {}) => ({
    status,
    body: 'no',
    headers,
  });

  describe(`the notifier ${plugin.name}`, () => {
    it('AL-103: accepts only the answer that means success', async () => {
      await withService(success, async (notifier, service) => {
        expect((await outcome(notifier)).name).toBe('ok');
        expect(service.taken).toHaveLength(1);
      });
    });

    it('AL-103: does not follow a redirect', async () => {
      await withService(failing(302, { location: '/elsewhere' }), async (notifier, service) => {
        expect((await outcome(notifier)).name).toBe('TargetError');
        expect(service.taken).toHaveLength(1);
      });
    });

    it.each([
      [400, 'PermanentError'],
      [401, 'TargetError'],
      [403, 'TargetError'],
      [404, 'TargetError'],
      [410, 'TargetError'],
      [413, 'TooLargeError'],
      [408, 'RetryableError'],
      [425, 'RetryableError'],
      [429, 'RetryableError'],
      [500, 'RetryableError'],
      [503, 'RetryableError'],
    ])('AL-104: %i is a %s', async (status, name) => {
      await withService(failing(status), async (notifier) => {
        expect((await outcome(notifier)).name).toBe(name);
      });
    });

    it('AL-105: passes on the delay that the service asks for, in seconds or as a date', async () => {
      const now = manualClock().now();
      const date = new Date(now + 90_000).toUTCString();
      await withService(failing(429, { 'retry-after': '30' }), async (notifier, service) => {
        expect((await outcome(notifier)).retryAfterMs).toBe(30_000);
        service.answer = failing(429, { 'retry-after': date });
        expect((await outcome(notifier)).retryAfterMs).toBe(90_000);
      });
    });

    it('AL-107: fails at the deadline, and when the connection breaks', async () => {
      await withService('hang', async (notifier, service) => {
        expect((await outcome(notifier, firing(), AbortSignal.timeout(50))).name).toBe('RetryableError');
        service.answer = 'reset';
        expect((await outcome(notifier)).name).toBe('RetryableError');
      });
    });

    it('AL-108: no error contains a secret', async () => {
      const answers: FakeService['answer'][] = [failing(400), failing(403), failing(500), failing(302), 'reset'];
      for (const answer of answers) {
        await withService(answer, async (notifier) => {
          const { message } = await outcome(notifier);
          for (const secret of secrets) expect(message).not.toContain(secret);
        });
      }
    });
  });
}
