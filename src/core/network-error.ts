/** Explanations of network errors that say what to do. */
import { describeError, errorCode } from './errors.ts';

/** Remedies that depend on the caller: `start InfluxDB or correct url`, `name it in tls.ca`. */
export interface Remedies {
  /** Nothing listens at the address. */
  readonly start: string;
  /** The certificate is not trusted. */
  readonly trust: string;
}

const CLOSED = 'the connection was closed before the answer';
const NOT_TLS = 'the server does not speak TLS on this port; correct the port, or connect without TLS';
const UNKNOWN_AUTHORITY = ({ trust }: Remedies) => `its certificate is signed by an unknown authority; ${trust}`;

const ADVICE: Readonly<Record<string, string | ((remedies: Remedies) => string)>> = {
  ECONNREFUSED: ({ start }) => `nothing listens there; ${start}`,
  ENOTFOUND: 'the host name cannot be resolved; correct the address',
  EAI_AGAIN: 'the DNS server does not answer',
  EHOSTUNREACH: 'there is no route to that host',
  ENETUNREACH: 'there is no route to that network',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  UND_ERR_SOCKET: CLOSED,
  UND_ERR_HEADERS_TIMEOUT: 'connected, but no answer came',
  UND_ERR_BODY_TIMEOUT: 'the answer did not end',
  EPROTO: NOT_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name; correct the address or the certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: ({ trust }) => `its certificate is self-signed; ${trust}`,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
};

/** @returns undefined if there is nothing better than the error's own message */
export function networkAdvice(thrown: unknown, remedies: Remedies): string | undefined {
  const code = errorCode(thrown) ?? '';
  if (code.startsWith('HPE_'))
    return `the answer is not HTTP (${code}); check url, and whether it is http:// or https://`;
  const advice = ADVICE[code];
  if (advice === undefined) return undefined;
  return `${typeof advice === 'string' ? advice : advice(remedies)} (${code})`;
}

/** The advice, or the error's own message. */
export function networkReason(thrown: unknown, remedies: Remedies): string {
  return networkAdvice(thrown, remedies) ?? describeError(thrown);
}

/** Codes of failures before a connection existed: nothing was sent. */
const BEFORE_CONNECTION = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);
/** Codes of broken connections: what was sent before may have arrived. */
const AFTER_CONNECTION = /^(?:ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ESOCKET|ESOCKETTIMEDOUT|UND_ERR_\w+)$/;

/** How far the request got, by the codes of the error and its causes; undefined for other errors. */
export function networkStage(thrown: unknown): 'before_connection' | 'after_connection' | undefined {
  let error = thrown;
  // A chain of causes can be a cycle.
  for (let depth = 0; depth < 5 && typeof error === 'object' && error !== null; depth += 1) {
    const code = errorCode(error) ?? '';
    if (BEFORE_CONNECTION.has(code)) return 'before_connection';
    if (AFTER_CONNECTION.test(code)) return 'after_connection';
    error = (error as { readonly cause?: unknown }).cause;
  }
  return undefined;
}
