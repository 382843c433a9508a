import { describe, expect, it } from '@jest/globals';

import { slack } from '../../src/notifiers/slack/index.ts';
import { slackMessage } from '../../src/notifiers/slack/message.ts';
import { fakeService, httpNotifierContract, makeNotifier, outcome } from '../contract/notifier-contract.ts';
import { firing, hostile, HOSTILE, many, resolved } from '../support/kit/sample-alerts.ts';
import { strictSlack } from '../support/fakes/notifier-services.ts';

httpNotifierContract({
  plugin: slack,
  options: (url) => ({ url }),
  success: { status: 200, body: 'ok' },
  secrets: ['s3cr3t-path', 'T000'],
});

describe('a Slack message', () => {
  it('AL-106: counts as failed if the body of a 200 is not ok', async () => {
    const service = await fakeService({ status: 200, body: 'invalid_token' });
    const notifier = await makeNotifier(slack, { url: service.url });
    expect(await outcome(notifier)).toMatchObject({
      name: 'PermanentError',
      message: 'Slack answered 200 with the error "invalid_token"',
    });
    await service.close();
  });

  it('M-008: has the summary of the rule for lock screens', () => {
    expect(slackMessage(firing(), undefined).text).toBe(
      '🟠 WARNING: High CPU usage on server01 (this is a test): 92 % (limit 90 %)',
    );
    expect(slackMessage(resolved(), undefined).text).toBe(
      '✅ RESOLVED after 2 min, was “High CPU usage on server01 (this is a test)”, now 41 %, fired at 92 % (limit 90 %)',
    );
  });

  it('has the colour of the level, and the top processes', () => {
    const { attachments } = slackMessage(firing(), undefined);
    expect(attachments?.[0]?.color).toBe('#f2994a');
    expect(JSON.stringify(attachments)).toContain('postgres');
    expect(slackMessage(resolved(), undefined).attachments?.[0]?.color).toBe('#27ae60');
  });

  it('mentions someone only for new critical alerts', () => {
    const critical = firing({ level: 'critical' });
    expect(slackMessage(critical, 'here').text).toMatch(/^<!here> /);
    expect(slackMessage(critical, 'S0123').text).toMatch(/^<!subteam\^S0123> /);
    expect(slackMessage({ ...critical, reason: 'repeat' }, 'here').text).not.toContain('<!here>');
    expect(slackMessage(firing(), 'here').text).not.toContain('<!here>');
  });

  it('AL-111: contains no markup from tags', () => {
    const message = slackMessage(hostile(), undefined);
    // The header is plain text without markup.
    const blocks = message.attachments?.[0]?.blocks.filter(({ type }) => type !== 'header');
    const text = JSON.stringify({ ...message, attachments: [{ ...message.attachments?.[0], blocks }] });
    expect(HOSTILE).toContain('<!channel>');
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<@U123>');
    expect(text).not.toContain('<script>');
    // Inside a code block these characters are not markup.
    expect(text.replace(/```.*?```/g, '')).not.toMatch(/\*b\*/);
    expect(text).not.toMatch(/`c`/);
  });

  it('AL-110: stays within the limits of Slack and splits no character', () => {
    const message = slackMessage(many(10), undefined);
    const text = JSON.stringify(message);
    expect(text.length).toBeLessThan(12_000);
    expect(text).toMatch(/\+9\d more/);
    expect(() => encodeURIComponent(text)).not.toThrow();
    for (const block of message.attachments?.[0]?.blocks ?? []) {
      if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
    }
  });

  it('AL-110: is accepted by a service that enforces the limits, for any content', async () => {
    const service = await fakeService(strictSlack);
    const notifier = await makeNotifier(slack, { url: service.url, mention: 'here' });
    for (const detail of ['full', 'short', 'minimal'] as const) {
      for (const notification of [firing(), resolved(), hostile(), many(1), many(10)]) {
        expect(await outcome(notifier, { ...notification, detail })).toMatchObject({ name: 'ok' });
      }
    }
    await service.close();
  });

  it('has variants with short and minimal detail', () => {
    expect(JSON.stringify(slackMessage(firing({ detail: 'short' }), undefined))).not.toContain('postgres');
    expect(slackMessage(firing({ detail: 'minimal' }), undefined)).not.toHaveProperty('attachments');
  });
});
