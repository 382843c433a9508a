/** A notification as each channel gets it, from the real payloads. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { alertmanager } from '../../../src/notifiers/alertmanager/index.ts';
import { composeMail } from '../../../src/notifiers/email/compose.ts';
import { exec } from '../../../src/notifiers/exec/index.ts';
import { pagerduty } from '../../../src/notifiers/pagerduty/index.ts';
import { slackMessage } from '../../../src/notifiers/slack/message.ts';
import { teamsCard } from '../../../src/notifiers/teams/card.ts';
import { alertmanagerDocument } from '../../../src/notifiers/webhook/alertmanager-document.ts';
import { plainText, type Notification, type NotifierPlugin } from '../../../src/plugin/index.ts';
import { fakeService, makeNotifier } from '../../contract/notifier-contract.ts';

export const CHANNELS = ['slack', 'teams', 'email', 'pagerduty', 'alertmanager', 'webhook', 'exec', 'console'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Rendered {
  /** What a phone shows of it before it is opened; each of these. */
  readonly first: readonly string[];
  /** Everything, as text with the markup of the channel. */
  readonly text: string;
  /** As it goes over the wire. */
  readonly payload: string;
}

export const MAIL = {
  from: 'healthd@example.org',
  to: ['ops@example.org'],
  cc: [],
  bcc: [],
  subject: 'state',
  chart: true,
  sender: 'web1',
} as const;

export const RENDER: Readonly<Record<Channel, (notification: Notification) => Promise<Rendered>>> = {
  slack(notification) {
    const message = slackMessage(notification, undefined);
    const blocks = message.attachments?.[0]?.blocks ?? [];
    const headers = blocks.flatMap((block) => (block.type === 'header' ? [block.text.text] : []));
    const texts = strings(blocks);
    return done([message.text, ...headers], [message.text, ...texts].join('\n'), JSON.stringify(message));
  },
  teams(notification) {
    const payload = teamsCard(notification, 'message');
    const message = JSON.parse(payload) as {
      readonly summary: string;
      readonly attachments: readonly {
        readonly content: { readonly body: readonly [{ items: [{ text: string }] }] };
      }[];
    };
    const body = message.attachments[0]!.content.body;
    // Markdown's backslashes are not shown.
    const shown = body.flatMap(cardTexts).map((text) => text.replace(/\\([\\*_[\]()`~#])/g, '$1'));
    return done([message.summary, body[0].items[0].text.replaceAll('\\', '')], shown.join('\n'), payload);
  },
  async email(notification) {
    const { subject, text, html = '' } = await composeMail(notification, MAIL);
    const banner = /font-weight:bold">(.*?)<\/td>/.exec(html)?.[1] ?? '';
    return { first: [subject, unescaped(banner)], text: `${text}\n${unescaped(html)}`, payload: html };
  },
  pagerduty: (notification) =>
    posted(pagerduty, notification, 202, { routing_key: '0'.repeat(32) }, (documents) => {
      const events = documents as readonly { readonly payload?: { readonly summary: string } }[];
      return events.flatMap(({ payload }) => payload?.summary ?? []);
    }),
  alertmanager: (notification) =>
    posted(alertmanager, notification, 200, {}, ([document]) => {
      const alerts = document as readonly { readonly annotations: { readonly summary?: string } }[];
      return alerts.flatMap(({ annotations }) => annotations.summary ?? []);
    }),
  webhook(notification) {
    const document = alertmanagerDocument(notification);
    return done([document.healthd.title], strings(document).join('\n'), JSON.stringify(document));
  },
  async exec(notification) {
    const folder = mkdtempSync(join(tmpdir(), 'healthd-exec-'));
    try {
      const script = 'printf %s "$HEALTHD_TITLE" > "$0/title"; cat > "$0/json"';
      const notifier = await makeNotifier(exec, { command: ['sh', '-c', script, folder] });
      await notifier.notify(notification, AbortSignal.timeout(40_000));
      const payload = readFileSync(join(folder, 'json'), 'utf8');
      const text = strings(JSON.parse(payload)).join('\n');
      return { first: [readFileSync(join(folder, 'title'), 'utf8')], text, payload };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  console(notification) {
    const text = plainText(notification);
    return done([text.split('\n')[0] ?? ''], text, text);
  },
};

interface CardElement {
  readonly text?: string;
  readonly facts?: readonly { readonly title: string; readonly value: string }[];
  readonly items?: readonly CardElement[];
}

function cardTexts({ text = '', facts = [], items = [] }: CardElement): readonly string[] {
  return [text, ...facts.map(({ title, value }) => `${title}: ${value}`), ...items.flatMap(cardTexts)];
}

function done(first: readonly string[], text: string, payload: string): Promise<Rendered> {
  return Promise.resolve({ first, text, payload });
}

async function posted(
  plugin: NotifierPlugin,
  notification: Notification,
  status: number,
  options: object,
  first: (documents: readonly unknown[]) => readonly string[],
): Promise<Rendered> {
  const service = await fakeService({ status, body: '{}' });
  try {
    const notifier = await makeNotifier(plugin, { url: service.url, ...options });
    await notifier.notify(notification, AbortSignal.timeout(40_000));
    const bodies = service.taken.map(({ body }) => body);
    const documents = bodies.map((body) => JSON.parse(body) as unknown);
    return { first: first(documents), text: documents.flatMap(strings).join('\n'), payload: bodies.join('\n') };
  } finally {
    await service.close();
  }
}

/** All strings in a document, with the names of entries. */
function strings(document: unknown): readonly string[] {
  if (typeof document === 'string') return [document];
  if (typeof document !== 'object' || document === null) return [String(document)];
  if (Array.isArray(document)) return document.flatMap(strings);
  return Object.entries(document).flatMap(([key, value]) => [key, ...strings(value)]);
}

function unescaped(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, '\n')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
