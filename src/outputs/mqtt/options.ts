import { duration, tls, z } from '../../plugin/index.ts';
import { messageOptions } from '../broker-messages.ts';
import { filled, templateProblem } from '../topic-template.ts';

const server = z.string().superRefine((text, context) => {
  const problem = serverProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never repeats the text: it may hold a password. */
function serverProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; write one such as mqtt://broker:1883';
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'mqtt:' && protocol !== 'mqtts:') return 'must begin with mqtt:// or mqtts://';
  if (username !== '' || password !== '') return 'must hold no credentials; there are username and password';
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '') return 'must end after the port';
  return undefined;
}

const topic = z.string().superRefine((text, context) => {
  const problem = templateProblem(text) ?? topicProblem(filled(text, 'x'));
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

function topicProblem(sample: string): string | undefined {
  if (sample === '') return 'must not be empty';
  return /[+#\0]/.test(sample) ? 'must not hold + or #, which are for subscribers' : undefined;
}

export const schema = z
  .strictObject({
    servers: z
      .array(server)
      .min(1)
      .meta({ examples: [['mqtt://localhost:1883']] })
      .describe('Brokers of which any may take the messages: mqtt://host or mqtts://host'),
    topic: topic
      .default('telegraf/{host}/{measurement}')
      .describe('Topic of a message; {host}, {measurement} and {tag.NAME} are replaced'),
    layout: z
      .enum(['metric', 'batch'])
      .default('metric')
      .describe('metric: a message for each metric; batch: one for all metrics of a topic'),
    ...messageOptions,
    qos: z
      .literal([0, 1, 2])
      .default(1)
      .describe('1: at least once; 2: exactly once; 0: nobody confirms, and what is lost is lost'),
    retain: z.boolean().default(false).describe('The broker keeps the last message of each topic'),
    protocol: z
      .enum(['3.1.1', '5'])
      .default('5')
      .describe('Version of MQTT; in 3.1.1 a broker cannot say that it refused a message'),
    client_id: z.string().min(1).optional().describe('Name of the connection; the broker chooses one if not given'),
    username: z.string().min(1).optional().describe('User of the broker'),
    password: z.string().meta({ secret: true }).optional().describe('Password of the user'),
    keep_alive: duration('30s').describe('How long a connection may be silent before it is tested; whole seconds'),
    tls: tls().prefault({}).describe('Certificates; those of brokers are verified against the system if not given'),
  })
  .refine(({ username, password }) => password === undefined || username !== undefined, {
    path: ['username'],
    error: 'is missing; a password goes with it',
  });

export type Options = z.output<typeof schema>;
