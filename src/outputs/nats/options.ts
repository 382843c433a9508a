import { duration, tls, z } from '../../plugin/index.ts';
import { messageOptions } from '../broker-messages.ts';
import { filled, templateProblem } from '../topic-template.ts';

const server = z.string().superRefine((text, context) => {
  const problem = serverProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never quotes the URL, which may contain a password. */
function serverProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; use a form such as nats://server:4222';
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'nats:' && protocol !== 'tls:') return 'must begin with nats:// or tls://';
  if (username !== '' || password !== '') return 'must not contain credentials; there are separate options for them';
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '') return 'must not have a path, query or fragment';
  return undefined;
}

const subject = z.string().superRefine((text, context) => {
  const problem = templateProblem(text) ?? subjectProblem(filled(text, 'x'));
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

function subjectProblem(sample: string): string | undefined {
  if (/[*>\s]/.test(sample)) return 'must not contain blanks, or * and >, the wildcards of subscriptions';
  return sample.split('.').includes('') ? 'must not have empty tokens' : undefined;
}

export const schema = z
  .strictObject({
    servers: z
      .array(server)
      .min(1)
      .meta({ examples: [['nats://localhost:4222']] })
      .describe('Servers, as nats://host or tls://host; the first that responds is used'),
    subject: subject
      .default('telegraf.{host}.{measurement}')
      .describe('Subject template; {host}, {measurement} and {tag.NAME} are replaced'),
    ...messageOptions,
    jetstream: z
      .boolean()
      .default(true)
      .describe('Requires a JetStream acknowledgement for each message; without it delivery is not confirmed'),
    stream: z
      .string()
      .regex(/^[^\s.*>/\\]+$/, 'must not contain blanks, dots, slashes, * or >')
      .optional()
      .describe('Stream that must store the messages; default: any stream with the subject'),
    create_stream: z.boolean().default(false).describe('Creates the stream if it does not exist'),
    stream_max_age: duration('7d').describe('Retention of messages in a stream created by create_stream'),
    deduplicate: z.boolean().default(true).describe('Sets a message ID, so that the stream drops duplicates'),
    username: z.string().min(1).optional().describe('User name for the server'),
    password: z.string().meta({ secret: true }).optional().describe('Password for that user'),
    token: z.string().min(1).meta({ secret: true }).optional().describe('Authentication token'),
    credentials_file: z
      .string()
      .min(1)
      .optional()
      .describe('Path of a credentials file with JWT and NKey seed, as created by nsc (.creds)'),
    tls: tls()
      .prefault({})
      .describe('TLS settings; by default, server certificates are verified against the CAs of the system'),
  })
  .superRefine((options, context) => {
    for (const { path, message } of contradictions(options))
      context.addIssue({ code: 'custom', path: [path], message });
  });

export type Options = z.output<typeof schema>;

function contradictions(options: Partial<Options>): readonly { readonly path: string; readonly message: string }[] {
  const { username, password, token, credentials_file, jetstream, stream, create_stream = false } = options;
  const found: { path: string; message: string }[] = [];
  const check = (wrong: boolean, path: string, message: string) => {
    if (wrong) found.push({ path, message });
  };
  const kinds = [username, token, credentials_file].filter((value) => value !== undefined);
  check(kinds.length > 1, 'username', 'give only one of username and password, token, or credentials_file');
  check(password !== undefined && username === undefined, 'username', 'is missing; password requires it');
  check(create_stream && stream === undefined, 'stream', 'is missing; create_stream requires it');
  check(jetstream === false && stream !== undefined, 'stream', 'requires jetstream: true');
  return found;
}
