import { duration, tls, z } from '../../plugin/index.ts';
import { messageOptions } from '../broker-messages.ts';
import { filled, templateProblem } from '../topic-template.ts';

const server = z.string().superRefine((text, context) => {
  const problem = serverProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never quotes the URL, which may contain a password. */
function serverProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; use a form such as mqtt://broker:1883';
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'mqtt:' && protocol !== 'mqtts:') return 'must begin with mqtt:// or mqtts://';
  if (username !== '' || password !== '') return 'must not contain credentials; use username and password';
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '') return 'must not have a path, query or fragment';
  return undefined;
}

const topic = z.string().superRefine((text, context) => {
  const problem = templateProblem(text) ?? topicProblem(filled(text, 'x'));
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

function topicProblem(sample: string): string | undefined {
  if (sample === '') return 'must not be empty';
  return /[+#\0]/.test(sample) ? 'must not contain + or #, the wildcards of subscriptions' : undefined;
}

export const schema = z
  .strictObject({
    servers: z
      .array(server)
      .min(1)
      .meta({ examples: [['mqtt://localhost:1883']] })
      .describe('Brokers, as mqtt://host or mqtts://host; the first that responds is used'),
    topic: topic
      .default('telegraf/{host}/{measurement}')
      .describe('Topic template; {host}, {measurement} and {tag.NAME} are replaced'),
    layout: z
      .enum(['metric', 'batch'])
      .default('metric')
      .describe('metric: one message per metric; batch: one message per topic and batch'),
    ...messageOptions,
    qos: z
      .literal([0, 1, 2])
      .default(1)
      .describe('1: at least once; 2: exactly once; 0: no acknowledgement, messages may be lost'),
    retain: z
      .boolean()
      .default(false)
      .describe('Sets the retain flag: the broker keeps the last message of each topic'),
    protocol: z
      .enum(['3.1.1', '5'])
      .default('5')
      .describe('MQTT version; with 3.1.1 a broker cannot report that it rejected a message'),
    client_id: z.string().min(1).optional().describe('Client ID; by default, the broker assigns one'),
    username: z.string().min(1).optional().describe('User name for the broker'),
    password: z.string().meta({ secret: true }).optional().describe('Password for that user'),
    keep_alive: duration('30s').describe('Keep-alive interval: idle time before a ping; whole seconds'),
    tls: tls()
      .prefault({})
      .describe('TLS settings; by default, broker certificates are verified against the CAs of the system'),
  })
  .refine(({ username, password }) => password === undefined || username !== undefined, {
    path: ['username'],
    error: 'is missing; password requires it',
  });

export type Options = z.output<typeof schema>;
