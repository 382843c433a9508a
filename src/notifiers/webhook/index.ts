import { createHmac } from 'node:crypto';

import { defineNotifier, refusal, z } from '../../plugin.ts';

import { alertmanagerDocument } from './alertmanager.ts';

export const webhook = defineNotifier({
  name: 'webhook',
  summary: "Any HTTP service: Alertmanager's webhook document, or everything that healthd knows as JSON",
  config: z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
      .describe('Where it is posted')
      .meta({ examples: ['http://localhost:9095/hook'] }),
    format: z
      .enum(['alertmanager', 'healthd'])
      .default('alertmanager')
      .describe(
        "alertmanager is the document of Alertmanager's webhooks, version 4; healthd is the notification itself",
      ),
    method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('HTTP method'),
    headers: z.record(z.string().min(1), z.string()).default({}).describe('Further headers'),
    bearer: z.string().min(1).optional().describe('Token for the header Authorization').meta({ secret: true }),
    secret: z
      .string()
      .min(8, 'must have 8 characters or more')
      .optional()
      .describe('Key of a signature (HMAC-SHA256) over time and body, in X-Healthd-Signature')
      .meta({ secret: true }),
  }),
  create({ url, format, method, headers, bearer, secret }, { http, clock }) {
    return {
      async notify(notification, signal) {
        const body = JSON.stringify(format === 'healthd' ? notification : alertmanagerDocument(notification));
        const timestamp = String(Math.floor(clock.now() / 1000));
        const answer = await http(
          {
            url,
            method,
            headers: {
              ...headers,
              'content-type': 'application/json',
              'idempotency-key': notification.id,
              ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
              ...(secret === undefined
                ? {}
                : {
                    'x-healthd-timestamp': timestamp,
                    'x-healthd-signature': `sha256=${sign(secret, timestamp, body)}`,
                  }),
            },
            body,
          },
          signal,
        );
        if (answer.status < 200 || answer.status > 299) throw refusal('The webhook', answer, clock.now());
      },
    };
  },
});

/** Over `timestamp.body`, so that what was overheard cannot be sent again later. */
function sign(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}
