/** The HTTP server that Prometheus scrapes. It listens from the first use on. */
import type { HttpListener, ListenAddress, PluginContext } from '../../plugin/index.ts';

import { answer, type AnswerSettings } from './answer.ts';
import type { Options } from './options.ts';

export interface Endpoint {
  /** Resolves when the server is listening. @throws if it cannot bind the address */
  listen(): Promise<void>;
  /** Where another program on this host reaches the address. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws if a certificate or key cannot be read */
export async function createEndpoint(
  { listen: address, path, tls: files, username, password, bearer_token: token }: Options,
  { listen, readTls, log }: PluginContext,
  metrics: AnswerSettings['metrics'],
): Promise<Endpoint> {
  const tls = files === undefined ? undefined : await readTls(files);
  const isOpen = username === undefined && token === undefined;
  const urlAt = (port: number, anyHost: string) => urlOf({ ...address, port }, anyHost, tls !== undefined, path);
  const start = async () => {
    const listener = await listen({
      address,
      tls,
      credentials: isOpen ? undefined : { username, password, token },
      answer: (request) => answer(request, { path, metrics }),
    });
    log.info('Listening for scrapes', { url: urlAt(listener.port, '0.0.0.0') });
    return listener;
  };
  let listening: Promise<HttpListener> | undefined;
  return {
    url: urlAt(address.port, '127.0.0.1'),
    async listen() {
      listening ??= start();
      try {
        await listening;
      } catch (error) {
        listening = undefined;
        throw error;
      }
    },
    async close() {
      // A server that failed to listen needs no closing.
      await (await listening?.catch(() => undefined))?.close();
    },
  };
}

function urlOf({ host, port }: ListenAddress, anyHost: string, isTls: boolean, path: string): string {
  const name = host ?? anyHost;
  return `http${isTls ? 's' : ''}://${name.includes(':') ? `[${name}]` : name}:${port}${path}`;
}
