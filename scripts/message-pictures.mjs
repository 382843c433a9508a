/**
 * Draws docs/images/{slack,mail}.png from what `healthd notify test` really sends: a local server takes the place of
 * Slack, another that of the mail server, and Chromium draws what they were given.
 *
 *   npm run build && node scripts/message-pictures.mjs
 *
 * CHROMIUM names the browser if it is not /usr/bin/chromium.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { simpleParser } from 'mailparser';
import { chromium } from 'playwright-core';
import { SMTPServer } from 'smtp-server';

import { slackPage } from './pictures/slack-page.mjs';

const root = join(import.meta.dirname, '..');
const pictures = join(root, 'docs/images');
const folder = mkdtempSync(join(tmpdir(), 'healthd-pictures-'));
const run = promisify(execFile);

try {
  mkdirSync(pictures, { recursive: true });
  const slack = await takeSlack();
  const mail = await takeMail();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    await draw(browser, slackPage(slack[0]), 'slack.png', 760);
    await draw(browser, await mailPage(mail[0]), 'mail.png', 760);
  } finally {
    await browser.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns the payloads in the order of their arrival */
async function takeSlack() {
  const payloads = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    payloads.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/services/T0/B0/x`;
  await notifyTest({ slack: { url } });
  server.close();
  return payloads;
}

/** @returns the messages as they came over the wire */
async function takeMail() {
  const messages = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        messages.push(Buffer.concat(chunks));
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const smtp = `smtp://127.0.0.1:${server.server.address().port}`;
  await notifyTest({ email: { smtp, from: 'healthd@server01.example.org', to: ['ops@example.org'] } });
  server.close();
  return messages;
}

async function notifyTest(notifier) {
  const config = join(folder, 'healthd.json');
  const agent = { hostname: 'server01', state_dir: join(folder, 'state') };
  writeFileSync(config, JSON.stringify({ agent, inputs: ['mem'], notifiers: { me: notifier } }));
  await run(process.execPath, [join(root, 'dist/cli.js'), 'notify', 'test', 'me', '--config', config]);
}

/** The mail as a reader shows it: the head, then the HTML part with its inline pictures. */
async function mailPage(raw) {
  const { from, to, subject, html } = await simpleParser(raw);
  const head = [
    ['From', from.text],
    ['To', to.text],
    ['Subject', subject],
  ].map(([name, value]) => `<div><b>${name}</b> ${escapeHtml(value)}</div>`);
  const style = 'font: 14px/1.6 sans-serif; color: #333; padding: 12px 16px; border-bottom: 1px solid #ddd;';
  return `<!doctype html><meta charset="utf-8"><body style="margin:0;background:#fff"><div style="${style}">${head.join('')}</div>${html}</body>`;
}

async function draw(browser, html, name, width) {
  const page = await browser.newPage({ viewport: { width, height: 200 }, deviceScaleFactor: 2 });
  await page.setContent(html, { waitUntil: 'load' });
  await page.screenshot({ path: join(pictures, name), fullPage: true });
  await page.close();
}

function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
