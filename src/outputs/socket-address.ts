/** Where protocols over sockets go, as text: `udp://host:514`, `tcp://[::1]:514`, `tls://host:6514`, `host:514`. */
import { z, type PluginContext, type StreamTarget, type TlsOptions } from '../plugin/index.ts';

export interface SocketAddress<Protocol extends string> {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
}

/** Protocols that may be written → the port that each means if none is written; undefined if it has no usual one. */
export type Ports<Protocol extends string> = Readonly<Record<Protocol | 'tcp', number | undefined>>;

/** The option `address`. Without a protocol it is TCP. */
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

/** @returns a text that says what is wrong, without the address: whoever errs may have written a password into it */
function parseAddress<Protocol extends string>(text: string, ports: Ports<Protocol>): SocketAddress<Protocol> | string {
  const { protocol = 'tcp', ipv6, name, port: digits } = FORM.exec(text)?.groups ?? {};
  const host = ipv6 ?? name;
  if (host === undefined)
    return 'is not an address; write one such as tcp://logs.example:514, with an IPv6 address in brackets';
  const known = protocol.toLowerCase();
  if (!isKnown(known, ports)) return `must begin with one of ${schemes(ports)}`;
  const port = digits === undefined ? ports[known] : Number(digits);
  if (port === undefined) return 'has no port; write it behind a colon, such as tcp://logs.example:5000';
  return port > 0 && port < 65_536 ? { protocol: known, host, port } : 'has a port that is not between 1 and 65535';
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

/** For `superRefine`. Certificates that are not used would be taken for an encryption that is not there. */
export function refuseUnusedTls({ address, tls }: Addressed, context: z.core.$RefinementCtx): void {
  const { ca, cert, key, insecure_skip_verify } = tls;
  const isGiven = insecure_skip_verify || [ca, cert, key].some((path) => path !== undefined);
  if (!isGiven || address.protocol === 'tls' || address.protocol === 'https') return;
  const message = `has no effect with ${address.protocol}://, which is not encrypted; change address or leave it out`;
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
