import { createHmac } from 'node:crypto';

import { defineNotifier, headers, refusal, z, type Notification } from '../../plugin/index.ts';
import { httpOptions } from '../http-options.ts';

import { alertmanagerDocument } from './alertmanager-document.ts';
import { fillIn, TEMPLATE_NAMES, unknownName, type Json } from './template.ts';

export const webhook = defineNotifier({
  name: 'webhook',
  summary: "Any HTTP service: Alertmanager's webhook document, the notification as JSON, or a template of yours",
  maxAlerts: 100,
  config: z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      .describe('URL that receives the notifications')
      .meta({ examples: ['http://localhost:9095/hook'] }),
    format: z
      .enum(['alertmanager', 'healthd'])
      .default('alertmanager')
      .describe("alertmanager: the document of Alertmanager's webhooks, version 4; healthd: the notification as JSON"),
    template: z
      .json()
      .optional()
      .describe('A JSON document, instead of format; {{ title }} and other placeholders are replaced in its strings')
      .refine((template) => template === undefined || unknownName(template) === undefined, {
        error: ({ input }) =>
          `has the unknown placeholder {{ ${unknownName(input as Json) ?? ''} }}; use ${TEMPLATE_NAMES.join(', ')}`,
      })
      .meta({ private: true, examples: [{ text: '{{ title }}' }] }),
    method: z.enum(['POST', 'PUT', 'PATCH']).default('POST').describe('HTTP method'),
    headers: headers().describe('Additional HTTP headers for every request'),
    bearer: z.string().min(1).optional().describe('Bearer token for the Authorization header').meta({ secret: true }),
    secret: z
      .string()
      .min(8, 'must have at least 8 characters')
      .optional()
      .describe('Key for an HMAC-SHA256 signature of time and body, in X-Healthd-Signature')
      .meta({ secret: true }),
    ...httpOptions,
  }),
  async create(
    { url, format, template, method, headers: given, bearer, secret, ...options },
    { http, clock, readTls },
  ) {
    const network = { proxy: options.proxy, tls: await readTls(options.tls) };
    const documentOf = (notification: Notification): unknown => {
      if (template !== undefined) return fillIn(template, notification);
      return format === 'healthd' ? notification : alertmanagerDocument(notification);
    };
    return {
      async notify(notification, signal) {
        const body = JSON.stringify(documentOf(notification));
        const timestamp = String(Math.floor(clock.now() / 1000));
        const answer = await http(
          {
            url,
            ...network,
            method,
            headers: {
              ...given,
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

/** Signs `timestamp.body`, so that receivers can detect replays. */
function sign(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}
