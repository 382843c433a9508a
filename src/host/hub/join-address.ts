import { ConfigError } from '../../core/errors.ts';
import { isLoopbackName } from '../../core/listen-address.ts';

/** `https://hub:8400#hd_join_….fingerprint`. */
export interface JoinAddress {
  /** Without a path. */
  readonly hub: string;
  readonly token: string;
  /** SHA-256 of the hub's certificate, base64url; undefined on a loopback address without TLS. */
  readonly fingerprint: string | undefined;
}

const MAX_LENGTH = 500;

/** @throws ConfigError */
export function parseJoinAddress(text: string): JoinAddress {
  const url = text.length <= MAX_LENGTH && URL.canParse(text) ? new URL(text) : undefined;
  const [, token, fingerprint] = /^#(hd_join_[\w-]{20,64})(?:\.([\w-]{43}))?$/.exec(url?.hash ?? '') ?? [];
  if (url === undefined || token === undefined)
    throw new ConfigError('The address is not one that "healthd hub token create" prints; paste its whole line');
  if (url.protocol === 'http:' ? !isLoopbackName(url.hostname) : url.protocol !== 'https:')
    throw new ConfigError('A hub beyond this host must speak HTTPS; set server.certificate and server.key on the hub');
  return { hub: url.origin, token, fingerprint };
}
