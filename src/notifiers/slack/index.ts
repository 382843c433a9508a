import { defineNotifier, PermanentError, refusal, z, type HttpAnswer, type Notification } from '../../plugin/index.ts';
import { httpOptions } from '../http-options.ts';

import { slackMessage } from './message.ts';

/** Body of a 200 for an accepted message; any other body is an error. */
const ACCEPTED = 'ok';

export const slack = defineNotifier({
  name: 'slack',
  summary: 'A Slack channel, through an incoming webhook',
  maxAlerts: 60,
  config: z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be the http(s) URL of an incoming webhook' })
      .describe('URL of the incoming webhook, which is a secret')
      .meta({ secret: true, examples: ['${env:SLACK_WEBHOOK}'] }),
    mention: z
      .string()
      .regex(/^(here|channel|[UWS][A-Z0-9]{2,30})$/, 'must be here, channel, or the ID of a member or user group')
      .optional()
      .describe('Mention for new critical alerts: here, channel, a member ID (U…) or a user group ID (S…)'),
    ...httpOptions,
  }),
  target: ({ url }) => url,
  async create({ url, mention, ...options }, { http, clock, readTls }) {
    const network = { proxy: options.proxy, tls: await readTls(options.tls) };
    // Node cannot detect the named exports of this CommonJS package.
    const { default: client } = await import('@slack/webhook');

    /** The client's errors do not have the headers, so the response is captured and checked here. */
    const send = async (notification: Notification, signal: AbortSignal): Promise<HttpAnswer> => {
      let answer: HttpAnswer | undefined;
      let failure: unknown;
      const webhook = new client.IncomingWebhook(url, {
        fetch: async (target, init = {}) => {
          try {
            const { method = 'POST', headers = {}, body } = init;
            const text = typeof body === 'string' ? body : '';
            answer = await http({ url: String(target), ...network, method, headers, body: text }, signal);
          } catch (error) {
            failure = error;
            throw error;
          }
          return responseOf(answer);
        },
      });
      try {
        await webhook.send(slackMessage(notification, mention));
      } catch (error) {
        if (answer === undefined) throw failure ?? error;
      }
      if (answer === undefined) throw new PermanentError('The Slack client sent nothing');
      return answer;
    };

    return {
      // Slack accepts about one message per second and webhook, and short bursts.
      rate: { perSecond: 1, burst: 3 },
      async notify(notification, signal) {
        const answer = await send(notification, signal);
        if (answer.status !== 200) throw refusal('Slack', answer, clock.now());
        if (answer.body.trim() !== ACCEPTED)
          throw new PermanentError(`Slack answered 200 with the error "${answer.body.slice(0, 200)}"`);
      },
    };
  },
});

/** The response in the form that the client expects. */
function responseOf({ status, headers, body }: HttpAnswer) {
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: '',
    url: '',
    headers: { get: (name: string) => headers.get(name.toLowerCase()) ?? null, entries: () => headers.entries() },
    arrayBuffer: () => Promise.resolve(new TextEncoder().encode(body).buffer),
    json: () => Promise.resolve(JSON.parse(body) as unknown),
    text: () => Promise.resolve(body),
  };
}
