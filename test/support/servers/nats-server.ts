import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

import { freePort, serverFolder, startServer, type Requirement } from './real-server.ts';

export const NATS: Requirement = { binary: 'nats-server', package: 'nats-server' };

export interface NatsServer {
  readonly pid: number;
  readonly url: string;
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** @param extra additional configuration lines */
export async function startNatsServer(extra: readonly string[] = [], { jetstream = true } = {}): Promise<NatsServer> {
  const folder = serverFolder('nats');
  const port = await freePort();
  const file = join(folder.path, 'nats.conf');
  const store = jetstream ? [`jetstream: { store_dir: "${folder.path}" }`] : [];
  writeFileSync(file, ['host: 127.0.0.1', `port: ${port}`, ...store, ...extra].join('\n'));
  const start = () =>
    startServer({
      command: NATS.binary,
      args: ['-c', file],
      ready: (output) => output.includes('Server is ready'),
    });
  let server = await start();
  return {
    get pid() {
      return server.pid;
    },
    url: `nats://127.0.0.1:${port}`,
    halt: () => server.stop(),
    resume: async () => {
      server = await start();
    },
    stop: async () => {
      await server.stop();
      folder.remove();
    },
  };
}

/** A second client, to inspect a stream. */
export interface StreamReader {
  readonly manager: JetStreamManager;
  readonly nats: NatsConnection;
  messages(stream: string): Promise<readonly { readonly subject: string; readonly payload: string }[]>;
  close(): Promise<void>;
}

export async function openStreamReader(server: string, credentials: object = {}): Promise<StreamReader> {
  const nats = await connect({ servers: [server], reconnect: false, ...credentials });
  const manager = await jetstreamManager(nats);
  return {
    manager,
    nats,
    messages: async (stream) => {
      const { state } = await manager.streams.info(stream);
      const found = [];
      for (let seq = 1; seq <= state.last_seq; seq += 1) {
        const message = await manager.streams.getMessage(stream, { seq });
        if (message !== null) found.push({ subject: message.subject, payload: Buffer.from(message.data).toString() });
      }
      return found;
    },
    close: () => nats.close(),
  };
}
