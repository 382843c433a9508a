import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import type { DockerOptions as ClientOptions } from 'dockerode';

import type { DockerOptions } from '../options.ts';

import { hideFromInspect } from './hide-from-inspect.ts';

/** Keeps sockets open between gathers, for as long as Node's default allows. */
const KEEP_ALIVE = { keepAlive: true, timeout: 30_000 } as const;

export interface Endpoint {
  readonly client: ClientOptions;
  /** Destroying it closes all sockets. */
  readonly agent: HttpAgent;
}

/**
 * Options for the client library, which takes each setting that is missing from DOCKER_HOST and related variables. So for
 * every endpoint except `ENV` all of them are present, as undefined if need be.
 */
export async function openEndpoint(options: DockerOptions): Promise<Endpoint> {
  if (options.endpoint === 'ENV') {
    // The environment decides between HTTP and HTTPS, and an agent of the wrong kind would fail: leave it to Node.
    return { client: {}, agent: new HttpAgent() };
  }
  const unset = { host: undefined, port: undefined, socketPath: undefined, timeout: undefined, protocol: undefined };
  const path = /^(?:unix|npipe):\/\/(.*)$/.exec(options.endpoint)?.[1];
  if (path !== undefined) {
    const agent = hideFromInspect(new HttpAgent(KEEP_ALIVE));
    return { client: { ...unset, socketPath: path, agent } as unknown as ClientOptions, agent };
  }
  const { protocol, hostname, port } = new URL(options.endpoint);
  const secure = protocol === 'https:' || port === '2376' || usesTls(options);
  const agent = hideFromInspect(
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
