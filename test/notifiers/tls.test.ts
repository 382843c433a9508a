/** The tls options of every notifier over HTTP, against a server whose certificate no system trusts. */
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { notifiers } from '../../src/notifiers/index.ts';
import { testContext } from '../../src/testing.ts';
import { certificateFiles, selfSigned, type Certificate } from '../support/kit/certificate.ts';
import { firing } from '../support/kit/sample-alerts.ts';

const ACCEPTED: Readonly<Record<string, { readonly status: number; readonly body?: string }>> = {
  alertmanager: { status: 200 },
  pagerduty: { status: 202 },
  slack: { status: 200, body: 'ok' },
  teams: { status: 202 },
  webhook: { status: 204 },
};

let certificate: Certificate;
let client: Certificate;
let files: ReturnType<typeof certificateFiles>;
let clientFiles: ReturnType<typeof certificateFiles>;

beforeAll(async () => {
  [certificate, client] = await Promise.all([selfSigned(), selfSigned()]);
  files = certificateFiles(certificate);
  clientFiles = certificateFiles(client);
});

afterAll(() => {
  files.remove();
  clientFiles.remove();
});

/** What Node's TLS sockets of a server have. */
interface Connection {
  readonly servername: string | false;
  readonly authorized: boolean;
}

interface Outcome {
  /** `ok` or the message. */
  readonly text: string;
  /** The name in the client's hello, and whether its certificate was accepted, per request. */
  readonly seen: readonly { readonly name: string | false; readonly authorized: boolean }[];
}

async function outcome(
  notifier: string,
  tls: Readonly<Record<string, unknown>>,
  requestCert = false,
): Promise<Outcome> {
  const seen: { name: string | false; authorized: boolean }[] = [];
  const server = createServer({ ...certificate, requestCert, ca: client.cert }, (request, response) => {
    const { servername: name, authorized } = request.socket as unknown as Connection;
    seen.push({ name, authorized });
    const { status, body = '' } = ACCEPTED[notifier]!;
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const plugin = await notifiers[notifier]!();
  const options = { url, tls, ...(notifier === 'pagerduty' ? { routing_key: 'key' } : {}) };
  try {
    const made = await plugin.create(plugin.config.parse(options), testContext());
    await made.notify(firing(), AbortSignal.timeout(5000));
    return { text: 'ok', seen };
  } catch (error) {
    return { text: (error as Error).message, seen };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe.each(Object.keys(ACCEPTED))('N-006, N-007: the notifier %s', (name) => {
  it('refuses a certificate of a private authority, with advice that names tls.ca', async () => {
    const { text, seen } = await outcome(name, {});
    expect(text).toMatch(
      /: its certificate is self-signed; name its authority in tls.ca \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    );
    expect(seen).toEqual([]);
  });

  it('trusts tls.ca, and any certificate with insecure_skip_verify', async () => {
    expect((await outcome(name, { ca: files.cert })).text).toBe('ok');
    expect((await outcome(name, { insecure_skip_verify: true })).text).toBe('ok');
  });

  it('sends the client certificate', async () => {
    const { cert, key } = clientFiles;
    expect(await outcome(name, { ca: files.cert, cert, key }, true)).toMatchObject({
      text: 'ok',
      seen: [{ authorized: true }],
    });
  });

  it('expects the name in server_name, and sends it', async () => {
    expect(await outcome(name, { ca: files.cert, server_name: 'service.test' })).toMatchObject({
      text: 'ok',
      seen: [{ name: 'service.test' }],
    });
    expect((await outcome(name, { ca: files.cert, server_name: 'other.test' })).text).toContain(
      'its certificate is for another name',
    );
  });

  it('is refused with a file that cannot be read', async () => {
    expect((await outcome(name, { ca: '/does/not/exist.pem' })).text).toBe(
      'Cannot read /does/not/exist.pem; check tls.ca',
    );
  });
});
