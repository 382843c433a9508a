import { defineNotifier, PartialNotifyError, z } from '../../plugin/index.ts';

import { composeMail } from './compose.ts';
import { classify, refusedText } from './smtp-error.ts';

const address = () =>
  z.string().regex(/^[^\s@<>",;]+@[^\s@<>",;]+$/, 'must be an e-mail address such as ops@example.org');

/** Verification of the mail server's certificate. */
const tls = z.strictObject({
  ca: z.string().optional().describe('Path of the CA certificate (PEM) that signed the server certificate'),
  insecure: z
    .boolean()
    .default(false)
    .describe('Accepts any certificate; an attacker on the path can then read the mails'),
});

/** Milliseconds. A missing greeting is noticed before the default deadline of a notifier, for its advice. */
const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 8000, socketTimeout: 20_000 };

/**
 * Maximum size of a reply, bytes. A connection that is no longer used is destroyed: by default the package reads on for 5 seconds, as
 * fast as the server sends.
 */
const BOUNDS = { maxResponseSize: 65_536, socketCloseTimeout: 0 };

export const email = defineNotifier({
  name: 'email',
  summary: 'E-mail by SMTP, with a chart, the top processes and the usage of the host',
  maxAlerts: 100,
  config: z.strictObject({
    smtp: z
      .url({ protocol: /^smtps?$/, error: 'must be a URL such as smtp://mail.example.org:587' })
      .describe('Mail server, as smtp://host:587 (STARTTLS) or smtps://host:465; may contain user name and password')
      .meta({ examples: ['smtp://mail.example.org:587'] }),
    user: z.string().optional().describe('User name for the login'),
    password: z.string().optional().describe('Password for the login').meta({ secret: true }),
    from: address()
      .describe('Sender address')
      .meta({ examples: ['healthd@example.org'] }),
    to: z
      .array(address())
      .min(1)
      .describe('Recipient addresses')
      .meta({ examples: [['ops@example.org']] }),
    cc: z.array(address()).default([]).describe('Addresses for copies (Cc)'),
    bcc: z.array(address()).default([]).describe('Addresses for blind copies (Bcc)'),
    starttls: z
      .enum(['required', 'if_offered', 'off'])
      .optional()
      .describe('STARTTLS with smtp://; default: required, or if_offered for a server on this host'),
    tls: tls.optional().describe('Verification of the server certificate'),
    subject: z
      .enum(['state', 'stable'])
      .default('state')
      .describe(
        'state: the subject has the current state; stable: it never changes, for mail readers that thread by subject',
      ),
    chart: z.boolean().default(true).describe('Adds a chart of the last hour'),
  }),
  target: ({ to, cc, bcc }) => [...to, ...cc, ...bcc].sort(),
  async create(options, { host, log }) {
    const { createTransport } = await import('nodemailer');
    const server = new URL(options.smtp);
    const user = options.user ?? decodeURIComponent(server.username);
    const password = options.password ?? decodeURIComponent(server.password);
    const transport = createTransport({
      ...endpointOf(server, options.starttls),
      ...(user === '' ? {} : { auth: { user, pass: password } }),
      tls: await trustOf(options.tls),
      ...TIMEOUTS,
      ...BOUNDS,
    });
    const explained = (error: unknown) => {
      const isSecure = server.protocol === 'smtps:';
      return classify(error, { host: server.host, isSecure }, [user, password]);
    };
    return {
      rate: { perSecond: 0.5, burst: 5 },
      async connect() {
        await transport.verify().catch((error: unknown) => {
          throw explained(error);
        });
      },
      async notify(notification, signal) {
        const mail = await composeMail(notification, { ...options, sender: host.hostname });
        const { recipients } = notification;
        const envelope = recipients === undefined ? {} : { envelope: { from: options.from, to: [...recipients] } };
        const { accepted, rejectedErrors: refused = [] } = await transport
          .sendMail({ ...mail, ...envelope, signal })
          .catch((error: unknown) => {
            throw explained(error);
          });
        if (refused.length === 0) return;
        const total = accepted.length + refused.length;
        const text = `${server.host} accepted a mail for ${accepted.length} of ${total} recipients; the mail was not sent to ${refusedText(refused)}`;
        log.warn(text);
        const deferred = refused.flatMap(({ recipient = '', responseCode = 0 }) =>
          recipient !== '' && responseCode < 500 ? [recipient] : [],
        );
        if (deferred.length > 0) throw new PartialNotifyError(text, deferred);
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

/** Loopback connections need no encryption. */
function isLocal(host: string): boolean {
  return ['localhost', '[::1]'].includes(host) || /^127\./.test(host);
}
