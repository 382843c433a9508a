import { bytes, tls, z } from '../../plugin/index.ts';
import { messageOptions } from '../broker-messages.ts';

const broker = z
  .string()
  .regex(/^(?:\[[\da-fA-F:.]+\]|[^\s:/@[\]]+):\d{1,5}$/, 'must be host:port, such as kafka1:9092');

const sasl = z.strictObject({
  mechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .default('scram-sha-512')
    .describe('SASL mechanism; plain sends the password unencrypted, so use it only with TLS'),
  username: z.string().min(1).describe('User name'),
  password: z.string().meta({ secret: true }).describe('Password for that user'),
});

export const schema = z
  .strictObject({
    brokers: z
      .array(broker)
      .min(1)
      .meta({ examples: [['localhost:9092']] })
      .describe('Bootstrap brokers, as host:port'),
    topic: z
      .string()
      .regex(/^(?!\.{1,2}$)[\w.-]{1,249}$/, 'must have 1 to 249 characters: letters, digits, ".", "_" or "-"')
      .default('telegraf')
      .describe('Topic of the messages'),
    topic_tag: z.string().min(1).optional().describe('Tag whose value is the topic; metrics without it go to topic'),
    routing_tag: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Tag whose value is the message key, which selects the partition; default: host, unless routing_key is set',
      ),
    routing_key: z
      .string()
      .min(1)
      .optional()
      .describe('Constant message key; all messages of a topic go to one partition'),
    ...messageOptions,
    compression: z.enum(['none', 'gzip']).default('gzip').describe('Compression of the messages'),
    required_acks: z
      .literal([-1, 1])
      .default(-1)
      .describe('Acknowledgement: -1 by all in-sync replicas, 1 by the leader only'),
    max_message_bytes: bytes('1MB').describe(
      'Maximum size of a message; larger ones become dead letters without being sent',
    ),
    client_id: z.string().min(1).default('healthd').describe('Client ID, for logs and quotas of the brokers'),
    sasl: sasl.optional().describe('SASL authentication; default: none'),
    enable_tls: z.boolean().default(false).describe('Connects with TLS'),
    tls: tls()
      .prefault({})
      .describe('TLS settings; by default, broker certificates are verified against the CAs of the system'),
  })
  .refine(({ routing_tag, routing_key }) => routing_tag === undefined || routing_key === undefined, {
    path: ['routing_key'],
    error: 'give routing_tag or routing_key, not both',
  });

export type Options = z.output<typeof schema>;
