/** From a message to the act: the links that a receiver gets, followed in a real browser to the page of the built agent. */
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';

import type { AlertsAnswer } from '../../src/api/alerts.ts';
import { startFakeHttp, type FakeHttp } from '../support/fakes/http.ts';
import { startRealAgent, type RealAgent } from '../support/kit/real-agent.ts';

import { describeWithChromium, PHONE } from './browser.ts';

const LIMIT = 180_000;
const PASSWORD = 'correct horse battery';

const yaml = (origin: string, slack: string) => `
agent: { interval: 1s, hostname: shop-1 }
inputs: [{ exec: { commands: [[cat, shop.lp]], timeout: 5s } }]
outputs: [discard]
notifiers:
  team: { slack: { url: '${slack}/hook' } }
alerts:
  public_url: ${origin}
  rules:
    - { id: shop_queue, metric: shop.queue, above: { critical: 100 }, summary: '{{ value }} orders wait in the shop' }
`;

describeWithChromium('Links of a message', (open) => {
  let slack: FakeHttp;
  let agent: RealAgent;
  const links = { ack: '', silence: '' };

  beforeAll(async () => {
    slack = await startFakeHttp(() => ({ status: 200, body: 'ok' }));
    agent = await startRealAgent((origin) => yaml(origin, slack.url), { 'shop.lp': 'shop,lane=eu queue=500\n' });
    agent.configure(`{ listen: '127.0.0.1:${agent.port}', password: '${PASSWORD}' }`);
    expect(await agent.run('reload')).toMatchObject({ code: 0, stderr: '' });
    const message = await firstMessage(slack);
    links.ack = linkOf(message, 'Acknowledge');
    links.silence = linkOf(message, 'Silence');
  }, LIMIT);

  afterAll(async () => {
    await agent.close();
    await slack.close();
  });

  const alertNow = async () => {
    const { stdout } = await agent.run('alerts', '--json');
    return (JSON.parse(stdout) as AlertsAnswer['alerts']).find(({ alert }) => alert.rule === 'shop_queue')?.alert;
  };

  test(
    'without a session: asks for the password, then has the form open; nothing is done before the press',
    async () => {
      const { page } = await open(links.ack, { viewport: PHONE });
      await page.fill('input[type=password]', PASSWORD);
      await page.keyboard.press('Enter');
      const form = page.getByRole('dialog', { name: 'Acknowledge' });
      await form.getByText('500 orders wait in the shop').waitFor();
      await form.getByLabel('Your name').waitFor();
      expect(page.url()).toBe(links.ack);
      expect((await alertNow())?.ack).toBeUndefined();
      await press(page, 'Acknowledge', 'mk');
      expect((await alertNow())?.ack?.by).toBe('mk');
    },
    LIMIT,
  );

  test(
    'with a session: the form of a silence for an hour is open at once',
    async () => {
      const cookie = await agent.signIn();
      const { page, complaints } = await open(links.silence, {
        prepare: (made) => made.context().addCookies([{ ...cookie, url: agent.origin }]),
      });
      const form = page.getByRole('dialog', { name: 'Silence for how long?' });
      await form.locator('[aria-pressed=true]', { hasText: '1 h' }).waitFor();
      expect((await alertNow())?.silenced).toBe(false);
      await press(page, 'Silence for 1', 'mk');
      expect((await alertNow())?.silenced).toBe(true);
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );
});

async function press(page: Page, button: string, by: string): Promise<void> {
  await page.getByLabel('Your name').fill(by);
  await page.getByRole('dialog').getByRole('button', { name: button }).click();
  await page.waitForFunction(() => document.querySelector('dialog') === null);
}

async function firstMessage({ requests }: FakeHttp): Promise<string> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const message = requests.find(({ body }) => body.includes('orders wait'));
    if (message !== undefined) return message.body;
    await sleep(200);
  }
  throw new Error('No message was sent');
}

/** As Slack writes links. */
function linkOf(message: string, title: string): string {
  const [, url] = new RegExp(`<([^<>|]+)\\|${title}>`).exec(message) ?? [];
  if (url === undefined) throw new Error(`The message has no link ${title}:\n${message}`);
  return url.replaceAll('&amp;', '&');
}
