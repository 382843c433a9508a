import { defineNotifier, z } from '../../plugin/index.ts';

import { composeMail } from './compose.ts';
import { classify } from './smtp-error.ts';

const address = () => z.string().regex(/^[^\s@<>",;]+@[^\s@<>",;]+$/, 'must be an address such as ops@example.org');

/** What the certificate of the mail server is checked against. */
const tls = z.strictObject({
  ca: z.string().optional().describe('Path of the certificate (PEM) of the authority that signed that of the server'),
  insecure: z.boolean().default(false).describe('Takes any certificate; whoever is in between can read along'),
});

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

export const email = defineNotifier({
  name: 'email',
  summary: 'E-mail by SMTP, with a chart, the busiest processes and the state of the host',
  config: z.strictObject({
    smtp: z
      .url({ protocol: /^smtps?$/, error: 'must be an address such as smtp://mail.example.org:587' })
      .describe('The mail server: smtp://host:587 (STARTTLS) or smtps://host:465; user and password may stand in it')
      .meta({ examples: ['smtp://mail.example.org:587'] }),
    user: z.string().optional().describe('Name to log in with'),
    password: z.string().optional().describe('Its password').meta({ secret: true }),
    from: address()
      .describe('Sender')
      .meta({ examples: ['healthd@example.org'] }),
    to: z
      .array(address())
      .min(1)
      .describe('Recipients')
      .meta({ examples: [['ops@example.org']] }),
    cc: z.array(address()).default([]).describe('Further recipients'),
    bcc: z.array(address()).default([]).describe('Recipients that others do not see'),
    starttls: z
      .enum(['required', 'if_offered', 'off'])
      .optional()
      .describe('Encryption on smtp://; required if not given, but for a server on this host'),
    tls: tls.optional().describe("How the server's certificate is checked"),
    subject: z
      .enum(['state', 'stable'])
      .default('state')
      .describe('state tells all on a lock screen; stable keeps a thread together in readers that go by the subject'),
    chart: z.boolean().default(true).describe('Adds a picture of the last hour'),
  }),
  async create(options, { host }) {
    const { createTransport } = await import('nodemailer');
    const server = new URL(options.smtp);
    const user = options.user ?? decodeURIComponent(server.username);
    const password = options.password ?? decodeURIComponent(server.password);
    const transport = createTransport({
      ...endpointOf(server, options.starttls),
      ...(user === '' ? {} : { auth: { user, pass: password } }),
      tls: await trustOf(options.tls),
      ...TIMEOUTS,
    });
    return {
      rate: { perSecond: 0.5, burst: 5 },
      async notify(notification, signal) {
        const mail = await composeMail(notification, { ...options, sender: host.hostname });
        try {
          await transport.sendMail({ ...mail, signal });
        } catch (error) {
          throw classify(error, server.host, [user, password]);
        }
      },
      stop() {
        transport.close();
      },
    };
  },
});

function endpointOf({ hostname, port, protocol }: URL, given: 'required' | 'if_offered' | 'off' | undefined) {
  const isSecure = protocol === 'smtps:';
  const starttls = given ?? (isLocal(hostname) ? 'if_offered' : 'required');
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (isSecure ? 465 : 587)),
    secure: isSecure,
    requireTLS: !isSecure && starttls === 'required',
    ignoreTLS: !isSecure && starttls === 'off',
  };
}

async function trustOf({ ca, insecure }: z.output<typeof tls> = { insecure: false }) {
  const { readFile } = await import('node:fs/promises');
  return { rejectUnauthorized: !insecure, ...(ca === undefined ? {} : { ca: await readFile(ca) }) };
}

/** Where nobody is in between. */
function isLocal(host: string): boolean {
  return ['localhost', '[::1]'].includes(host) || /^127\./.test(host);
}
