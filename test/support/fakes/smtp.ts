/** A real SMTP server that records mails and logins. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { simpleParser, type ParsedMail } from 'mailparser';
import { generate } from 'selfsigned';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface MailServer {
  readonly port: number;
  /** The certificate to trust, PEM. */
  readonly certificate: string;
  readonly mails: ParsedMail[];
  /** Raw sources, as received. */
  readonly sources: string[];
  /** Of each mail. */
  readonly recipients: (readonly string[])[];
  readonly logins: string[];
  close(): Promise<void>;
}

export const LOGIN = { user: 'healthd', password: 'c0rrect-horse' };

let generated: ReturnType<typeof generate> | undefined;

/** One for all servers of a test file: generating the key takes seconds. */
function certificate(): ReturnType<typeof generate> {
  generated ??= generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return generated;
}

/** Requires STARTTLS and a login, unless the options say otherwise. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const pems = await certificate();
  const mails: ParsedMail[] = [];
  const sources: string[] = [];
  const logins: string[] = [];
  const recipients: (readonly string[])[] = [];
  const server = new SMTPServer({
    key: pems.private,
    cert: pems.cert,
    onAuth({ username, password }, _session, done) {
      logins.push(username ?? '');
      if (username === LOGIN.user && password === LOGIN.password) done(null, { user: username });
      else done(new Error('Invalid username or password'));
    },
    onData(stream, { envelope }, done) {
      recipients.push(envelope.rcptTo.map(({ address }) => address));
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const source = Buffer.concat(chunks);
        sources.push(source.toString('utf8'));
        simpleParser(source).then(
          (mail) => {
            mails.push(mail);
            done();
          },
          (error: unknown) => {
            done(error as Error);
          },
        );
      });
    },
    ...options,
  });
  // Tests include clients that reject the certificate.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    certificate: pems.cert,
    mails,
    sources,
    recipients,
    logins,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
