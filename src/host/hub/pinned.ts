/** Whether the server at an address has the certificate that the join address names. */
import { createHash, X509Certificate } from 'node:crypto';
import { connect, type PeerCertificate } from 'node:tls';

import { networkReason } from '../../core/network-error.ts';

import type { Membership } from './membership.ts';

/**
 * @param fingerprint SHA-256 of the certificate, base64url
 * @returns the certificate to trust; undefined if an authority of this system vouches for it, or there is no TLS
 * @throws Error for another certificate
 */
export async function trustedCertificate(
  hub: string,
  fingerprint: string | undefined,
  signal: AbortSignal,
): Promise<Membership['trusted']> {
  const url = new URL(hub);
  if (url.protocol !== 'https:') return undefined;
  const { certificate, isAuthorized } = await peerOf(url, signal);
  if (isAuthorized) return undefined;
  const digest = createHash('sha256').update(certificate.raw).digest('base64url');
  if (fingerprint === undefined)
    throw new Error('The address lacks the end that names the certificate of the hub; paste its whole line');
  if (digest !== fingerprint)
    throw new Error(
      'The server has another certificate than the one of the hub that made this address; make a new address',
    );
  const parsed = new X509Certificate(certificate.raw);
  return { certificate: parsed.toString(), name: nameIn(parsed) };
}

/** One that the certificate is valid for, whatever name the address has. */
function nameIn({ subjectAltName = '', subject }: X509Certificate): string {
  const [, name] =
    /(?:^|, )(?:DNS|IP Address):([^,]+)/.exec(subjectAltName) ?? /(?:^|\n)CN=([^\n]+)/.exec(subject) ?? [];
  if (name === undefined) throw new Error('The certificate of the hub has no name');
  return name;
}

interface Peer {
  readonly certificate: PeerCertificate;
  readonly isAuthorized: boolean;
}

const REMEDIES = { start: 'start the hub, and open its port to this host', trust: '' };

/** Nothing is sent: only the certificate is read. */
function peerOf(url: URL, signal: AbortSignal): Promise<Peer> {
  const { hostname, port } = url;
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const servername = /[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {};
    const socket = connect({ host, port: Number(port || 443), ...servername, rejectUnauthorized: false });
    const onAbort = () => {
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', (error) => {
      reject(new Error(`${url.host}: ${networkReason(error, REMEDIES)}`));
    });
    socket.once('close', () => {
      signal.removeEventListener('abort', onAbort);
    });
    socket.once('secureConnect', () => {
      resolve({ certificate: socket.getPeerCertificate(), isAuthorized: socket.authorized });
      socket.destroy();
    });
  });
}
