import { defineNotifier, PermanentError, refusal, RetryableError, z } from '../../plugin/index.ts';
import { httpOptions } from '../http-options.ts';

import { teamsCard } from './card.ts';

/** Office 365 connectors, which Microsoft has retired: `tenant.webhook.office.com`, `outlook.office.com/webhook/…`. */
const RETIRED = /^https?:\/\/([^/]+\.)?(webhook\.office\.com|outlook\.office(365)?\.com\/webhook)(\/|$)/i;

/** Error texts that connectors returned with status 200. */
const FAILED_TEXT = /webhook message delivery failed|microsoft teams endpoint returned http error (\d{3})/i;

export const teams = defineNotifier({
  name: 'teams',
  summary: 'A Microsoft Teams channel or chat, through a Workflows webhook',
  maxAlerts: 60,
  config: z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be the http(s) URL of a Workflows webhook' })
      .refine((url) => !RETIRED.test(url), {
        error:
          'is an Office 365 connector, which Teams has retired; create the workflow "Post to a channel when a webhook request is received" in Teams and use its URL',
      })
      .describe('URL of the workflow; its parameter sig is a secret')
      .meta({ secret: true, examples: ['${env:TEAMS_WEBHOOK}'] }),
    payload: z
      .enum(['message', 'card'])
      .default('message')
      .describe('message: for the template of Teams; card: for workflows that expect only the card'),
    ...httpOptions,
  }),
  target: ({ url }) => url,
  async create({ url, payload, ...options }, { http, clock, readTls }) {
    const network = { proxy: options.proxy, tls: await readTls(options.tls) };
    return {
      rate: { perSecond: 0.5, burst: 2 },
      acceptedMeans: 'the workflow accepted it; its run history shows whether it was posted',
      async notify(notification, signal) {
        const answer = await http(
          {
            url,
            ...network,
            headers: { 'content-type': 'application/json; charset=utf-8' },
            body: teamsCard(notification, payload),
          },
          signal,
        );
        if (answer.status < 200 || answer.status > 299) throw refusal('Teams', answer, clock.now());
        const failed = FAILED_TEXT.exec(answer.body);
        if (failed === null) return;
        const text = `Teams answered ${answer.status}, but the message was not delivered`;
        throw failed[1] === '429'
          ? new RetryableError(text)
          : new PermanentError(`${text}: ${answer.body.slice(0, 200)}`);
      },
    };
  },
});
