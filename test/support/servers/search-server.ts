/** OpenSearch 2, and Elasticsearch 8 with security: one node each, on loopback. */
import { cpSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { installedFolder, QUICK_START } from './installed-server.ts';
import { findBinary, freePort, serverFolder, startServer, type ServerSpec } from './real-server.ts';

export interface SearchServer {
  readonly url: string;
  /** Of a user who may do anything; empty: there is no security. */
  readonly credentials: { readonly username?: string; readonly password?: string };
  /** @returns the body of the answer; an error status is no failure */
  ask(method: string, path: string, body?: object): Promise<string>;
  stop(): Promise<void>;
}

const ADMIN = { username: 'admin', password: 'right-password' };
/** May write documents into `healthd-*`, and nothing else. */
export const WRITER = { username: 'writer', password: 'right-password' };

/** bcrypt of `right-password`. */
const HASH = '$2a$10$6gUXpMNONF7fqfXOqyKbpOJm3uR1udKQ/i7pfdHsmPVVh/2IoSPxy';

const START_TIMEOUT_MS = 120_000;

export async function startOpenSearch(): Promise<SearchServer> {
  const folder = serverFolder('opensearch');
  const [port, transport] = [await freePort(), await freePort()];
  const classes = ['classes', 'lib/*'].map((name) => join(installedFolder('opensearch'), name)).join(':');
  return start({
    folder,
    port,
    credentials: {},
    command: 'java',
    args: ['-Xmx384m', ...QUICK_START, '-cp', classes, 'OpenSearchNode', folder.path, String(port), String(transport)],
  });
}

export async function startElasticsearch(): Promise<SearchServer> {
  const folder = serverFolder('elasticsearch');
  const at = (name: string) => join(folder.path, name);
  const port = await freePort();
  const home = installedFolder('elasticsearch');
  cpSync(join(home, 'config'), at('config'), { recursive: true });
  mkdirSync(at('tmp'));
  const settings = {
    'path.data': at('data'),
    'path.logs': at('logs'),
    'network.host': '127.0.0.1',
    'http.port': port,
    'transport.port': await freePort(),
    'discovery.type': 'single-node',
    'xpack.security.enabled': true,
    'xpack.security.http.ssl.enabled': false,
    'xpack.security.transport.ssl.enabled': false,
    'cluster.routing.allocation.disk.threshold_enabled': false,
  };
  writeFileSync(at('config/elasticsearch.yml'), JSON.stringify(settings));
  writeFileSync(at('config/users'), `${ADMIN.username}:${HASH}\n${WRITER.username}:${HASH}\n`);
  writeFileSync(at('config/users_roles'), `superuser:${ADMIN.username}\nwriter:${WRITER.username}\n`);
  const indices = [{ names: ['healthd-*'], privileges: ['create_doc', 'auto_configure'] }];
  writeFileSync(at('config/roles.yml'), JSON.stringify({ writer: { indices } }));
  const program = join(home, 'bin/elasticsearch');
  // It refuses to run as root.
  const asUser = ['--user', '--map-user=1000', '--map-group=1000', program];
  const isRoot = process.getuid?.() === 0;
  return start({
    folder,
    port,
    credentials: ADMIN,
    command: isRoot ? 'unshare' : program,
    args: isRoot ? asUser : [],
    env: {
      ES_PATH_CONF: at('config'),
      ES_TMPDIR: at('tmp'),
      // Otherwise it looks for a Java that the archive does not have.
      ES_JAVA_HOME: join(realpathSync(findBinary('java') ?? ''), '../..'),
      ES_JAVA_OPTS: `-Xms512m -Xmx512m ${QUICK_START.join(' ')}`,
    },
  });
}

interface Node extends Pick<ServerSpec, 'command' | 'args' | 'env'> {
  readonly folder: { readonly path: string; remove(): void };
  readonly port: number;
  readonly credentials: SearchServer['credentials'];
}

async function start({ folder, port, credentials, ...program }: Node): Promise<SearchServer> {
  const url = `http://127.0.0.1:${port}`;
  const { username, password = '' } = credentials;
  const authorization = `Basic ${Buffer.from(`${username ?? ''}:${password}`).toString('base64')}`;
  const headers = {
    'content-type': 'application/json',
    ...(username === undefined ? {} : { authorization }),
  };
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.text();
  };
  const server = await startServer({
    ...program,
    ready: async () => (await ask('GET', '/_cluster/health')).includes('"status":"green"'),
    timeout: START_TIMEOUT_MS,
  });
  return {
    url,
    credentials,
    ask,
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}
