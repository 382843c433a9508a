import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import type { DockerOptions as ClientOptions } from 'dockerode';

import { opaque } from './opaque.ts';
import type { DockerOptions } from './options.ts';

/** Sockets are kept between gathers for as long as Node's own default: an idle daemon costs nothing. */
const KEEP_ALIVE = { keepAlive: true, timeout: 30_000 } as const;

export interface Endpoint {
  readonly client: ClientOptions;
  /** Destroying it closes every socket. */
  readonly agent: HttpAgent;
}

/**
 * Options for the client. Whatever is left out there comes from DOCKER_HOST and its kin, so for every endpoint but `ENV`
 * each of those settings is written down, if need be as undefined.
 */
export async function openEndpoint(options: DockerOptions): Promise<Endpoint> {
  if (options.endpoint === 'ENV') {
    // The environment decides between HTTP and HTTPS, and an agent of the wrong kind is refused: Node's own is used.
    return { client: {}, agent: new HttpAgent() };
  }
  const unset = { host: undefined, port: undefined, socketPath: undefined, timeout: undefined, protocol: undefined };
  const path = /^(?:unix|npipe):\/\/(.*)$/.exec(options.endpoint)?.[1];
  if (path !== undefined) {
    const agent = opaque(new HttpAgent(KEEP_ALIVE));
    return { client: { ...unset, socketPath: path, agent } as unknown as ClientOptions, agent };
  }
  const { protocol, hostname, port } = new URL(options.endpoint);
  const secure = protocol === 'https:' || port === '2376' || usesTls(options);
  const agent = opaque(
    secure ? new HttpsAgent({ ...KEEP_ALIVE, ...(await tlsOptions(options)) }) : new HttpAgent(KEEP_ALIVE),
  );
  const client = {
    ...unset,
    host: hostname,
    port: port === '' ? (secure ? 2376 : 2375) : Number(port),
    protocol: secure ? 'https' : 'http',
    agent,
  };
  return { client: client as unknown as ClientOptions, agent };
}

function usesTls({ tls_ca, tls_cert, tls_key }: DockerOptions): boolean {
  return tls_ca !== undefined || tls_cert !== undefined || tls_key !== undefined;
}

async function tlsOptions(options: DockerOptions) {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [ca, cert, key] = await Promise.all([read(options.tls_ca), read(options.tls_cert), read(options.tls_key)]);
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(options.tls_server_name !== undefined && { servername: options.tls_server_name }),
    rejectUnauthorized: !options.insecure_skip_verify,
  };
}
