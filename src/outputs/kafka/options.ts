import { bytes, tls, z } from '../../plugin/index.ts';
import { messageOptions } from '../broker-messages.ts';

const broker = z
  .string()
  .regex(/^(?:\[[\da-fA-F:.]+\]|[^\s:/@[\]]+):\d{1,5}$/, 'must be host:port, such as kafka1:9092');

const sasl = z.strictObject({
  mechanism: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .default('scram-sha-512')
    .describe('How the password is proved; plain sends it as it is, so use it with TLS only'),
  username: z.string().min(1).describe('User of the brokers'),
  password: z.string().meta({ secret: true }).describe('Password of the user'),
});

export const schema = z
  .strictObject({
    brokers: z
      .array(broker)
      .min(1)
      .meta({ examples: [['localhost:9092']] })
      .describe('host:port of some brokers; the others are learned from them'),
    topic: z
      .string()
      .regex(/^(?!\.{1,2}$)[\w.-]{1,249}$/, 'may hold letters, digits and ._- only, 249 of them at most')
      .default('telegraf')
      .describe('Topic of all messages'),
    topic_tag: z.string().min(1).optional().describe('Tag whose value is the topic, for metrics that have it'),
    routing_tag: z
      .string()
      .min(1)
      .optional()
      .describe('Tag whose value is the key, which decides the partition; host if there is no routing_key either'),
    routing_key: z.string().min(1).optional().describe('Key of all messages, which then share a partition'),
    ...messageOptions,
    compression: z.enum(['none', 'gzip']).default('gzip').describe('Compression of what is sent'),
    required_acks: z
      .literal([-1, 1])
      .default(-1)
      .describe('-1: all replicas in sync have the messages; 1: the leader has. 0 would confirm nothing'),
    max_message_bytes: bytes('1MB').describe('Longest message; longer ones are refused here, as the broker would'),
    client_id: z.string().min(1).default('healthd').describe('Name by which brokers know the sender'),
    sasl: sasl.optional().describe('Credentials; not sent if not given'),
    enable_tls: z.boolean().default(false).describe('Speaks TLS with the brokers'),
    tls: tls().prefault({}).describe('Certificates; those of brokers are verified against the system if not given'),
  })
  .refine(({ routing_tag, routing_key }) => routing_tag === undefined || routing_key === undefined, {
    path: ['routing_key'],
    error: 'give routing_tag or routing_key, not both',
  });

export type Options = z.output<typeof schema>;
