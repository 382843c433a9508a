import { createHmac } from 'node:crypto';

import { expect, it } from '@jest/globals';

import { alertmanagerDocument } from '../../src/notifiers/webhook/alertmanager-document.ts';
import { webhook } from '../../src/notifiers/webhook/index.ts';
import { fakeService, httpNotifierContract, makeNotifier } from '../contract/notifier-contract.ts';
import { firing, resolved } from '../support/kit/sample-alerts.ts';

httpNotifierContract({
  plugin: webhook,
  options: (url) => ({ url, bearer: 's3cr3t-token', secret: 's3cr3t-signing' }),
  success: { status: 204, body: '' },
  secrets: ['s3cr3t-path', 's3cr3t-token', 's3cr3t-signing'],
});

it("AL-116: is the document of Alertmanager's webhooks, version 4", () => {
  expect(alertmanagerDocument(firing())).toMatchObject({
    version: '4',
    groupKey: 'test-0123456789abcdef:{host="server01"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'ops',
    groupLabels: { host: 'server01' },
    commonLabels: {
      alertname: 'cpu_high',
      severity: 'warning',
      instance: 'server01',
      job: 'healthd',
      host: 'server01',
    },
    externalURL: '',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'cpu_high', severity: 'warning', instance: 'server01', job: 'healthd', host: 'server01' },
        annotations: { value: '92 %', threshold: '90 %' },
        startsAt: '2026-09-21T14:11:20.000Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: '0123456789abcdef',
      },
    ],
  });
  expect(alertmanagerDocument(resolved()).alerts[0]).toMatchObject({
    status: 'resolved',
    endsAt: '2026-09-21T14:13:20.000Z',
  });
});

it('has a signature over time and body, and an idempotency key', async () => {
  const service = await fakeService({ status: 200, body: '' });
  const notifier = await makeNotifier(webhook, { url: service.url, secret: 'long enough' });
  await notifier.notify(firing(), AbortSignal.timeout(5000));
  const { headers, body } = service.taken[0] ?? { headers: {}, body: '' };
  const signature = createHmac('sha256', 'long enough').update(`${String(headers['x-healthd-timestamp'])}.${body}`);
  expect(headers['x-healthd-signature']).toBe(`sha256=${signature.digest('hex')}`);
  expect(headers['idempotency-key']).toBe('test-0123456789abcdef-1');
  await service.close();
});
