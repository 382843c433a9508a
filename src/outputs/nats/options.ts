import { duration, tls, z } from '../../plugin/index.ts';
import { messageOptions } from '../broker-messages.ts';
import { filled, templateProblem } from '../topic-template.ts';

const server = z.string().superRefine((text, context) => {
  const problem = serverProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** Never repeats the text: it may hold a password. */
function serverProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL; write one such as nats://server:4222';
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  if (protocol !== 'nats:' && protocol !== 'tls:') return 'must begin with nats:// or tls://';
  if (username !== '' || password !== '') return 'must hold no credentials; there are options for them';
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '') return 'must end after the port';
  return undefined;
}

const subject = z.string().superRefine((text, context) => {
  const problem = templateProblem(text) ?? subjectProblem(filled(text, 'x'));
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

function subjectProblem(sample: string): string | undefined {
  if (/[*>\s]/.test(sample)) return 'must hold no blank, and no * or >, which are for subscribers';
  return sample.split('.').includes('') ? 'must have something before and behind each dot' : undefined;
}

export const schema = z
  .strictObject({
    servers: z
      .array(server)
      .min(1)
      .meta({ examples: [['nats://localhost:4222']] })
      .describe('Servers of which any may take the messages: nats://host or tls://host'),
    subject: subject
      .default('telegraf.{host}.{measurement}')
      .describe('Subject of a message; {host}, {measurement} and {tag.NAME} are replaced'),
    ...messageOptions,
    jetstream: z
      .boolean()
      .default(true)
      .describe('A stream must confirm each message; without it nobody confirms that anybody got them'),
    stream: z
      .string()
      .regex(/^[^\s.*>/\\]+$/, 'must hold no blank, dot, slash, * or >')
      .optional()
      .describe('The stream that must take the messages; any that has the subject if not given'),
    create_stream: z.boolean().default(false).describe('Creates the stream when there is none of its name'),
    stream_max_age: duration('7d').describe('How long a stream that was created here keeps messages'),
    deduplicate: z
      .boolean()
      .default(true)
      .describe('Gives each message an id, so that the stream takes one that is sent again only once'),
    username: z.string().min(1).optional().describe('User of the server'),
    password: z.string().meta({ secret: true }).optional().describe('Password of the user'),
    token: z.string().min(1).meta({ secret: true }).optional().describe('Token of the server'),
    credentials_file: z.string().min(1).optional().describe('File with JWT and NKey seed, as nsc makes it (.creds)'),
    tls: tls().prefault({}).describe('Certificates; those of servers are verified against the system if not given'),
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
  check(kinds.length > 1, 'username', 'give username and password, or token, or credentials_file; only one of them');
  check(password !== undefined && username === undefined, 'username', 'is missing; a password goes with it');
  check(create_stream && stream === undefined, 'stream', 'is missing; say which stream to create');
  check(jetstream === false && stream !== undefined, 'stream', 'goes with jetstream');
  return found;
}
