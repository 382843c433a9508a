/**
 * Slack, Teams and PagerDuty with their documented limits: Block Kit and incoming webhooks, Adaptive Cards 1.4 behind a
 * Workflows webhook, the Events API v2. Unknown keys are refused everywhere, to catch misspelt ones.
 */
import { z } from 'zod';

import type { FakeAnswer, Taken } from '../../contract/notifier-contract.ts';

const ok = (status: number, body: string): FakeAnswer => ({ status, body });

const plain = (most: number) => z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(most) });
const anyText = (most: number) =>
  z.strictObject({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string().min(1).max(most) });

const slackBlock = z.union([
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: anyText(3000) }),
  z.strictObject({ type: z.literal('section'), fields: z.array(anyText(2000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('context'), elements: z.array(anyText(3000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('divider') }),
]);

const slackMessage = z.strictObject({
  text: z.string().min(1).max(40_000),
  attachments: z
    .array(
      z.strictObject({
        color: z.string().regex(/^#[0-9a-f]{6}$/),
        fallback: z.string().min(1),
        blocks: z.array(slackBlock).min(1).max(50),
      }),
    )
    .max(100)
    .optional(),
});

/** Total text of a message; Slack refuses more although no single limit is hit. */
const MOST_SLACK_TEXT = 13_200;

export function strictSlack({ headers, body }: Taken): FakeAnswer {
  if (!String(headers['content-type']).startsWith('application/json')) return ok(400, 'invalid_payload');
  const document = parsed(body);
  if (document === undefined) return ok(400, 'invalid_payload');
  if (!slackMessage.safeParse(document).success) return ok(400, 'invalid_blocks');
  const blocks = slackMessage.parse(document).attachments?.flatMap((attachment) => attachment.blocks) ?? [];
  return JSON.stringify(blocks).length > MOST_SLACK_TEXT ? ok(400, 'msg_blocks_too_long') : ok(200, 'ok');
}

const colour = z.enum(['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention']);
const textBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string().min(1),
  wrap: z.boolean().optional(),
  size: z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']).optional(),
  weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
  fontType: z.enum(['Default', 'Monospace']).optional(),
  color: colour.optional(),
  isSubtle: z.boolean().optional(),
  separator: z.boolean().optional(),
  spacing: z.enum(['None', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding']).optional(),
});
const spacing = z.enum(['None', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding']).optional();
const factSet = z.strictObject({
  type: z.literal('FactSet'),
  spacing,
  facts: z.array(z.strictObject({ title: z.string().min(1), value: z.string().min(1) })).min(1),
});
const openUrl = z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url() });
const actionSet = z.strictObject({ type: z.literal('ActionSet'), actions: z.array(openUrl).min(1) });
const container = z.strictObject({
  type: z.literal('Container'),
  style: colour.or(z.literal('emphasis')).optional(),
  bleed: z.boolean().optional(),
  items: z.array(z.union([textBlock, factSet])).min(1),
});
const card = z.strictObject({
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
  type: z.literal('AdaptiveCard'),
  version: z.enum(['1.0', '1.1', '1.2', '1.3', '1.4']),
  msteams: z.strictObject({ width: z.literal('Full') }).optional(),
  body: z.array(z.union([textBlock, factSet, actionSet, container])).min(1),
  actions: z.array(openUrl).optional(),
});
const teamsMessage = z.strictObject({
  type: z.literal('message'),
  summary: z.string().optional(),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: card,
      }),
    )
    .length(1),
});

/** Teams counts the wrapping too: it refused a request of 24,453 bytes as 28,897. */
const MOST_TEAMS_BYTES = 28_672 - 4_444;

export function strictTeams({ headers, body }: Taken): FakeAnswer {
  if (!String(headers['content-type']).startsWith('application/json')) return ok(400, 'TriggerInputSchemaMismatch');
  if (Buffer.byteLength(body) > MOST_TEAMS_BYTES) return ok(413, 'RequestEntityTooLarge');
  const result = teamsMessage.safeParse(parsed(body));
  return result.success ? ok(202, '') : ok(400, z.prettifyError(result.error));
}

const key = z.string().min(1).max(255);
const events = z.union([
  z.strictObject({
    routing_key: z.string().length(32),
    dedup_key: key,
    event_action: z.literal('trigger'),
    client: z.string().optional(),
    client_url: z.url().optional(),
    links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
    payload: z.strictObject({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      class: z.string(),
      group: z.string(),
      custom_details: z.record(z.string(), z.unknown()),
    }),
  }),
  z.strictObject({ routing_key: z.string().length(32), dedup_key: key, event_action: z.literal('resolve') }),
]);

export function strictPagerDuty({ body }: Taken): FakeAnswer {
  const result = events.safeParse(parsed(body));
  if (Buffer.byteLength(body) > 512 * 1024 || !result.success) {
    return ok(400, JSON.stringify({ status: 'invalid event', errors: [result.error?.message ?? 'too large'] }));
  }
  return ok(202, JSON.stringify({ status: 'success', dedup_key: result.data.dedup_key }));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
