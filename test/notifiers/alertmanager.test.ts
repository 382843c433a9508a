import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from '@jest/globals';

import { alertmanager } from '../../src/notifiers/alertmanager/index.ts';
import type { Notifier } from '../../src/plugin/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import {
  fakeService,
  httpNotifierContract,
  makeNotifier,
  outcome,
  type FakeService,
} from '../contract/notifier-contract.ts';
import { ALERTMANAGER, startAlertmanager, type Alertmanager } from '../support/servers/alertmanager.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';
import { firing, firstAlert, hostile, resolved } from '../support/kit/sample-alerts.ts';

httpNotifierContract({
  plugin: alertmanager,
  options: (url) => ({ url, bearer: 's3cr3t-token' }),
  success: { status: 200, body: '' },
  secrets: ['s3cr3t-path', 's3cr3t-token'],
});

describe('N-009: a server', () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function notifierFor(listener: RequestListener): Promise<Notifier> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return makeNotifier(alertmanager, { url: `http://127.0.0.1:${port}` });
  }

  it('that answers without end is read up to a limit, and its connection is closed', async () => {
    let sent = 0;
    let isClosed = false;
    const notifier = await notifierFor((_request, response) => {
      response.on('close', () => (isClosed = true));
      const write = () => {
        do sent += 10_000;
        while (response.write('x'.repeat(10_000)));
        response.once('drain', write);
      };
      write();
    });
    expect((await outcome(notifier)).name).toBe('ok');
    await waitFor(() => isClosed);
    expect(sent).toBeLessThan(20_000_000);
  });

  it.each([
    ['never', () => undefined],
    [
      'with headers and no body',
      (response: ServerResponse) => {
        response.writeHead(200).flushHeaders();
      },
    ],
    [
      'byte by byte',
      (response: ServerResponse) => {
        const timer = setInterval(() => response.write('x'), 5);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
  ])('that answers %s fails at the deadline, and the connection is closed', async (_how, answer) => {
    let isClosed = false;
    const notifier = await notifierFor((_request, response) => {
      response.on('close', () => (isClosed = true));
      answer(response);
    });
    expect((await outcome(notifier, firing(), AbortSignal.timeout(100))).name).toBe('RetryableError');
    await waitFor(() => isClosed);
  });
});

describe('a real Alertmanager', () => {
  const withAlertmanager = testWith(ALERTMANAGER);
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function start(): Promise<{ server: Alertmanager; hook: FakeService; notifier: Notifier }> {
    const hook = await fakeService({ status: 200, body: '' });
    const server = await startAlertmanager(hook.url);
    closing.push(
      () => server.stop(),
      () => hook.close(),
    );
    return { server, hook, notifier: await makeNotifier(alertmanager, { url: server.url }, systemClock) };
  }

  const signal = () => AbortSignal.timeout(5000);
  const statuses = ({ taken }: FakeService) => taken.map(({ body }) => (JSON.parse(body) as { status: string }).status);

  withAlertmanager('shows a firing alert until it is resolved, and notifies about both', async () => {
    const { server, hook, notifier } = await start();
    const alert = { ...firstAlert(), startsAt: Date.now() - 1000 };
    await notifier.notify(firing({ alerts: [alert] }), signal());
    expect(await server.firing()).toMatchObject([
      {
        labels: { alertname: 'cpu_high', severity: 'warning', instance: 'server01', job: 'healthd', host: 'server01' },
        annotations: { value: '92 %', threshold: '90 %' },
      },
    ]);
    await waitFor(() => Promise.resolve(hook.taken.length === 1), { what: 'the firing notification' });
    await notifier.notify(resolved({ alerts: [{ ...alert, status: 'resolved', endsAt: Date.now() }] }), signal());
    expect(await server.firing()).toEqual([]);
    await waitFor(() => Promise.resolve(hook.taken.length === 2), { what: 'the resolved notification' });
    expect(statuses(hook)).toEqual(['firing', 'resolved']);
  });

  withAlertmanager('has one alert after a change of its level', async () => {
    const { server, notifier } = await start();
    const alert = { ...firstAlert(), startsAt: Date.now() - 1000 };
    await notifier.notify(firing({ alerts: [alert] }), signal());
    await notifier.notify(firing({ alerts: [{ ...alert, level: 'critical', previousLevel: 'warning' }] }), signal());
    expect((await server.firing()).map(({ labels }) => labels['severity'])).toEqual(['critical']);
  });

  withAlertmanager('gets firing alerts again from keepAlive after a restart', async () => {
    const { server, notifier } = await start();
    await notifier.keepAlive?.([{ ...firstAlert(), startsAt: Date.now() - 1000 }], signal());
    const [held] = await server.firing();
    expect(held?.labels['alertname']).toBe('cpu_high');
    expect(Date.parse(held?.endsAt ?? '') - Date.now()).toBeGreaterThan(3 * 60_000);
  });

  withAlertmanager('AL-111: accepts any tags', async () => {
    const { server, notifier } = await start();
    const [alert = firstAlert()] = hostile().alerts;
    const tags = { ...alert.tags, 'a-b.c/d': 'x', '0': 'y', empty: '' };
    await notifier.notify(firing({ alerts: [{ ...alert, tags, startsAt: Date.now() }] }), signal());
    const [held] = await server.firing();
    expect(held?.labels).toMatchObject({ a_b_c_d: 'x', _0: 'y', path: alert.tags['path'] });
  });
});
