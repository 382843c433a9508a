/**
 * Draws docs/images/{slack,teams,mail}.png from what the notifiers send: local servers take the place of Slack, Teams and the
 * mail server, and Chromium draws what they were given, at the width of a phone and of a desk, light and dark. messages.png is a
 * selection for the README.
 *
 *   node scripts/message-pictures.mjs [folder for the single pictures]
 *
 * CHROMIUM names the browser if it is not /usr/bin/chromium.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { simpleParser } from 'mailparser';
import { chromium } from 'playwright-core';
import { SMTPServer } from 'smtp-server';

import { loadSource } from './load-source.mjs';
import { scenes } from './pictures/alert-scenes.mjs';
import { slackPage } from './pictures/slack-page.mjs';
import { teamsPage } from './pictures/teams-page.mjs';
import { smallPng } from './render/small-png.mjs';

const root = join(import.meta.dirname, '..');
const pictures = join(root, 'docs/images');
const [, , folder] = process.argv;
const WIDTHS = { phone: 390, desk: 800 };
/** Enough for text and marks. */
const SHEET_COLORS = 128;
const SCHEMES = ['light', 'dark'];

const { testContext } = await loadSource('src/testing.ts');

/** Channel → scene and scheme → page. */
const CHANNELS = {
  slack: await pagesOf(await taken('slack'), (payload) => slackPage(payload)),
  teams: await pagesOf(await taken('teams'), (payload, isDark) => teamsPage(payload, isDark)),
  mail: await pagesOf(await takenMails(), (raw, isDark) => mailPage(raw, isDark)),
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  mkdirSync(pictures, { recursive: true });
  const shots = await shoot();
  for (const channel of Object.keys(CHANNELS)) {
    const phone = SCHEMES.flatMap((scheme) =>
      ['one', 'end', 'group'].map((scene) => shots[channel][scene][scheme].phone),
    );
    const desk = SCHEMES.map((scheme) => ['one', 'end'].map((scene) => shots[channel][scene][scheme].desk));
    const wide = SCHEMES.map((scheme) => [shots[channel].group[scheme].desk]);
    await sheet(`${channel}.png`, [phone.map((shot) => [shot]), [...desk, ...wide]]);
  }
  const { slack, teams, mail } = shots;
  // As much as a phone shows.
  const columns = [
    [slack.container.light.phone],
    [teams.end.light.phone],
    [teams.one.dark.phone],
    [mail.group.light.phone],
  ];
  await sheet('messages.png', [columns], '700px');
} finally {
  await browser.close();
}

/** @returns scene → what a webhook of this kind was sent */
async function taken(kind) {
  const payloads = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    payloads.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    response.writeHead(kind === 'slack' ? 200 : 202).end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const plugin = (await loadSource(`src/notifiers/${kind}/index.ts`))[kind];
  await notifyAll(plugin, { url: `http://127.0.0.1:${server.address().port}/services/T0/B0/x` });
  server.close();
  return byScene(payloads);
}

/** @returns scene → the message as it came over the wire */
async function takenMails() {
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
  const { email } = await loadSource('src/notifiers/email/index.ts');
  await notifyAll(email, { smtp, from: 'healthd@web01.example.org', to: ['ops@example.org'] });
  server.close();
  return byScene(messages);
}

async function notifyAll(plugin, options) {
  const notifier = await plugin.create(plugin.config.parse(options), testContext());
  for (const notification of Object.values(scenes)) await notifier.notify(notification, AbortSignal.timeout(10_000));
  await notifier.stop?.();
}

function byScene(all) {
  return Object.fromEntries(Object.keys(scenes).map((scene, index) => [scene, all[index]]));
}

async function pagesOf(payloads, pageOf) {
  const entries = Object.entries(payloads).map(async ([scene, payload]) => [
    scene,
    { light: await pageOf(payload, false), dark: await pageOf(payload, true) },
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

/** The mail as a reader shows it: the head, then the HTML part with its inline pictures. */
async function mailPage(raw, isDark) {
  const { from, to, subject, html } = await simpleParser(raw);
  const head = [
    ['From', from.text],
    ['To', to.text],
  ].map(([name, value]) => `<div><b>${name}</b> ${escapeHtml(value)}</div>`);
  const [paper, ink] = isDark ? ['#1f1f1f', '#e6edf3'] : ['#fff', '#333'];
  const style = `font:13px/1.5 "DejaVu Sans",sans-serif;color:${ink};background:${paper};padding:10px 14px;border-bottom:1px solid #8886`;
  const title = `<div style="font-size:17px;font-weight:bold;line-height:1.35;margin-bottom:4px">${escapeHtml(subject)}</div>`;
  return html.replace(/<body[^>]*>/, (body) => `${body}<div style='${style}'>${title}${head.join('')}</div>`);
}

async function shoot() {
  const shots = {};
  for (const [channel, pages] of Object.entries(CHANNELS)) {
    for (const [scene, bySchemes] of Object.entries(pages)) {
      for (const scheme of SCHEMES) {
        for (const [name, width] of Object.entries(WIDTHS)) {
          const png = await draw(bySchemes[scheme], width, scheme);
          if (folder !== undefined) writeFileSync(join(folder, `${channel}-${scene}-${scheme}-${name}.png`), png);
          (((shots[channel] ??= {})[scene] ??= {})[scheme] ??= {})[name] = png;
        }
      }
    }
  }
  return shots;
}

/** Rows of columns of pictures. */
async function sheet(name, rows, maxHeight = 'none') {
  const picture = (png) => `<div class="shot"><img src="data:image/png;base64,${png.toString('base64')}"></div>`;
  const column = (shots) => `<div class="column">${shots.map(picture).join('')}</div>`;
  const body = rows.map((columns) => `<div class="row">${columns.map(column).join('')}</div>`).join('');
  const style =
    'body{margin:0;padding:16px;background:#8c959f;width:max-content}.row,.column{display:flex;gap:16px;align-items:flex-start}.column{flex-direction:column}.row+.row{margin-top:16px}img{display:block;border-radius:6px}' +
    `.shot{max-height:${maxHeight};overflow:hidden;border-radius:6px}`;
  const png = await draw(`<!doctype html><style>${style}</style>${body}`, 400, 'light', true);
  writeFileSync(join(pictures, name), smallPng(png, SHEET_COLORS));
}

async function draw(html, width, colorScheme, isSheet = false) {
  const page = await browser.newPage({ viewport: { width, height: 100 }, colorScheme });
  await page.setContent(html, { waitUntil: 'load' });
  const png = isSheet ? await page.locator('body').screenshot() : await page.screenshot({ fullPage: true });
  await page.close();
  return png;
}

function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
