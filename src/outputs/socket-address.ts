/** Addresses of socket-based protocols: `udp://host:514`, `tcp://[::1]:514`, `tls://host:6514`, `host:514`. */
import { z, type PluginContext, type StreamTarget, type TlsOptions } from '../plugin/index.ts';

export interface SocketAddress<Protocol extends string> {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
}

/** Allowed protocol → its default port; undefined if it has none. */
export type Ports<Protocol extends string> = Readonly<Record<Protocol | 'tcp', number | undefined>>;

/** The option `address`. The default protocol is TCP. */
export function socketAddress<Protocol extends string>(ports: Ports<Protocol>) {
  const example = `tcp://localhost:${ports.tcp ?? 5000}`;
  return z
    .string()
    .meta({ examples: [example] })
    .transform((text, context) => {
      const address = parseAddress(text, ports);
      if (typeof address !== 'string') return address;
      context.issues.push({ code: 'custom', message: address, input: text });
      return z.NEVER;
    });
}

const FORM =
  /^(?:(?<protocol>[a-z]+):\/\/)?(?:\[(?<ipv6>[\da-f:.]*:[\da-f:.]*)\]|(?<name>[^\s:/?#@[\]]+))(?::(?<port>\d+))?\/?$/i;

/** @returns the address, or a message that says what is wrong; it never quotes the address, which may contain a password */
function parseAddress<Protocol extends string>(text: string, ports: Ports<Protocol>): SocketAddress<Protocol> | string {
  const { protocol = 'tcp', ipv6, name, port: digits } = FORM.exec(text)?.groups ?? {};
  const host = ipv6 ?? name;
  if (host === undefined)
    return 'is not an address; use a form such as tcp://logs.example:514, with IPv6 addresses in brackets';
  const known = protocol.toLowerCase();
  if (!isKnown(known, ports)) return `must begin with one of ${schemes(ports)}`;
  const port = digits === undefined ? ports[known] : Number(digits);
  if (port === undefined) return 'has no port; add it after a colon, as in tcp://logs.example:5000';
  return port > 0 && port < 65_536 ? { protocol: known, host, port } : 'has a port outside of 1 to 65535';
}

function isKnown<Protocol extends string>(text: string, ports: Ports<Protocol>): text is Protocol {
  return Object.hasOwn(ports, text);
}

function schemes(ports: Ports<string>): string {
  return Object.keys(ports)
    .map((protocol) => `${protocol}://`)
    .join(', ');
}

interface Addressed {
  readonly address: { readonly protocol: string };
  readonly tls: TlsOptions;
}

/** For `superRefine`. Unused TLS settings would suggest an encryption that does not take place. */
export function refuseUnusedTls({ address, tls }: Addressed, context: z.core.$RefinementCtx): void {
  const { ca, cert, key, server_name, insecure_skip_verify } = tls;
  const isGiven = insecure_skip_verify || [ca, cert, key, server_name].some((value) => value !== undefined);
  if (!isGiven || address.protocol === 'tls' || address.protocol === 'https') return;
  const message = `has no effect with ${address.protocol}://, which is not encrypted; change address or remove it`;
  context.issues.push({ code: 'custom', path: ['tls'], message, input: tls });
}

/** @throws if a certificate or key cannot be read */
export async function streamTarget(
  { protocol, host, port }: SocketAddress<string>,
  tls: TlsOptions,
  context: PluginContext,
): Promise<StreamTarget> {
  return { host, port, ...(protocol === 'tls' ? { tls: await context.readTls(tls) } : {}) };
}
