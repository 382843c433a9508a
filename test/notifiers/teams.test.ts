import { describe, expect, it } from '@jest/globals';

import { teamsCard } from '../../src/notifiers/teams/card.ts';
import { teams } from '../../src/notifiers/teams/index.ts';
import { fakeService, httpNotifierContract, makeNotifier, outcome } from '../contract/notifier-contract.ts';
import { firing, hostile, many, resolved } from '../support/kit/sample-alerts.ts';
import { strictTeams } from '../support/fakes/notifier-services.ts';

httpNotifierContract({
  plugin: teams,
  options: (url) => ({ url: `${url}?sig=s3cr3t-sig` }),
  success: { status: 202, body: '' },
  secrets: ['s3cr3t-path', 's3cr3t-sig'],
});

describe('a Teams card', () => {
  it('AL-106: counts as failed if the body of a 200 reports a failed delivery', async () => {
    const body = 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413';
    const service = await fakeService({ status: 200, body });
    const notifier = await makeNotifier(teams, { url: service.url });
    expect((await outcome(notifier)).name).toBe('PermanentError');
    await service.close();
  });

  it.each([
    'https://contoso.webhook.office.com/webhookb2/x/IncomingWebhook/y',
    'https://outlook.office.com/webhook/x/IncomingWebhook/y',
  ])('is not sent to a retired connector: %s', (url) => {
    expect(() => teams.config.parse({ url })).toThrow('is an Office 365 connector');
  });

  it('is an Adaptive Card 1.4 in a message, or alone', () => {
    const message = JSON.parse(teamsCard(firing(), 'message')) as Record<string, unknown>;
    expect(message).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { version: '1.4' } }],
    });
    expect(JSON.parse(teamsCard(firing(), 'card'))).toMatchObject({ type: 'AdaptiveCard' });
    expect(JSON.stringify(message)).not.toContain('Action.Submit');
  });

  it('AL-110: is accepted by a service that enforces the limits, for any content', async () => {
    const service = await fakeService(strictTeams);
    const notifier = await makeNotifier(teams, { url: service.url });
    for (const detail of ['full', 'short', 'minimal'] as const) {
      for (const notification of [firing(), resolved(), hostile(), many(1), many(10)]) {
        expect(await outcome(notifier, { ...notification, detail })).toMatchObject({ name: 'ok' });
      }
    }
    await service.close();
  });

  it('AL-115: is valid JSON within the size limit, for any content', () => {
    for (const count of [1, 3, 10]) {
      const text = teamsCard(many(count), 'message');
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000);
      expect(JSON.parse(text)).toMatchObject({ type: 'message' });
      expect(() => encodeURIComponent(text)).not.toThrow();
    }
  });

  it('AL-111: contains no markup from tags', () => {
    const text = teamsCard(hostile(), 'message');
    expect(text).not.toContain('<script>');
    expect(text).not.toContain('[a](http');
    expect(text).not.toContain('\\r\\n');
    expect(text).not.toMatch(/[^\\]\*b\*/);
  });

  it('M-012: has tables as fact sets, and no columns made of blanks', () => {
    const message = JSON.parse(teamsCard(firing(), 'message')) as {
      readonly attachments: readonly { readonly content: { readonly body: readonly Record<string, unknown>[] } }[];
    };
    const body = message.attachments[0]?.content.body ?? [];
    const facts = body.flatMap((element) => (element['facts'] as readonly unknown[] | undefined) ?? []);
    expect(facts).toEqual(
      expect.arrayContaining([
        { title: 'CPU Usage', value: '92 %' },
        { title: 'postgres', value: '18 %' },
      ]),
    );
    for (const element of body) expect(JSON.stringify(element)).not.toMatch(/ {2}|\u00a0/);
  });
});
