/** Why no answer came, in words that say what to do. */
import { errorCode, RetryableError } from '../../plugin.ts';

import type { Redact } from './redact.ts';

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start InfluxDB or correct url',
  ENOTFOUND: 'the host name is not known; correct url',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'the connection was closed before the answer',
  EPIPE: 'the connection was closed before the answer',
  EPROTO: 'no TLS is spoken there; url should perhaps begin with http://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS is spoken there; url should perhaps begin with http://',
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name; correct url or the certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; name it in tls.ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not known; name that in tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that is not known; name that in tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that is not known; name that in tls.ca',
};

/** @param url safe to show */
export function noAnswer(url: string, error: unknown, redact: Redact): RetryableError {
  return new RetryableError(`${url}: ${redact(reasonOf(error as Error, errorCode(error) ?? ''))}`, { cause: error });
}

function reasonOf(error: Error, code: string): string {
  const advice = ADVICE[code];
  if (advice !== undefined) return `${advice} (${code})`;
  if (code.startsWith('HPE_')) return `what came back is not HTTP (${code}); check url, and http:// against https://`;
  // The client's word for an answer that ended before it was complete.
  if (error.name === 'AbortError') return 'the connection was closed in the middle of the answer';
  return error.message || code || error.name;
}
