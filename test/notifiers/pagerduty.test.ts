import { describe, expect, it } from '@jest/globals';

import { pagerduty } from '../../src/notifiers/pagerduty/index.ts';
import { fakeService, httpNotifierContract, makeNotifier, outcome } from '../contract/notifier-contract.ts';
import { firing, firstAlert, hostile, many, resolved } from '../support/kit/sample-alerts.ts';
import { strictPagerDuty } from '../support/fakes/notifier-services.ts';

const KEY = '0123456789abcdef0123456789abcdef';

httpNotifierContract({
  plugin: pagerduty,
  options: (url) => ({ url, routing_key: KEY }),
  success: { status: 202, body: '{"status":"success"}' },
  secrets: [KEY],
});

async function sent(...notifications: ReturnType<typeof firing>[]) {
  const service = await fakeService(strictPagerDuty);
  const notifier = await makeNotifier(pagerduty, { url: service.url, routing_key: KEY });
  try {
    for (const notification of notifications)
      expect(await outcome(notifier, notification)).toMatchObject({ name: 'ok' });
  } finally {
    await service.close();
  }
  return service.taken.map(
    ({ body }) => JSON.parse(body) as Record<string, unknown> & { payload: { custom_details: object } },
  );
}

describe('an event', () => {
  it('AL-114: has the same dedup_key for trigger and resolve', async () => {
    const [trigger, resolve] = await sent(firing(), resolved());
    expect(trigger).toMatchObject({
      event_action: 'trigger',
      dedup_key: 'healthd-0123456789abcdef',
      payload: { source: 'server01', severity: 'warning', class: 'cpu_high', timestamp: '2026-09-21T14:11:20.000Z' },
    });
    expect(resolve).toEqual({ routing_key: KEY, event_action: 'resolve', dedup_key: 'healthd-0123456789abcdef' });
  });

  it('AL-114: is for one alert, and its summary is truncated', async () => {
    const events = await sent(many(9));
    expect(new Set(events.map(({ dedup_key }) => dedup_key)).size).toBe(9);
  });

  it('AL-114: omits the details if it would be too large', async () => {
    const rows = Array.from({ length: 6000 }, () => ['x'.repeat(100), '1 %']);
    const huge = {
      ...firstAlert(),
      context: [{ kind: 'top_cpu', title: 'Top', columns: ['Process', 'CPU'], rows }],
    } as const;
    const [event] = await sent(firing({ alerts: [huge] }));
    expect(event?.payload.custom_details).toEqual({});
  });

  it('AL-111: contains tags as text on one line', async () => {
    const [event] = await sent(hostile());
    const { summary, source } = event?.payload as unknown as Record<string, string>;
    expect(`${summary}${source}`).toContain('<script>');
    expect(`${summary}${source}`).not.toMatch(/[\r\n]/);
  });

  it('missing data has the severity error', async () => {
    const [event] = await sent(firing({ alerts: [{ ...firstAlert(), detail: 'no_data' }] }));
    expect(event?.payload).toMatchObject({ severity: 'error' });
  });
});
