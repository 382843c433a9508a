import { execFileSync } from 'node:child_process';
import { connect as connectTcp } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { connectAsync } from 'mqtt';

import { findBinary, freePort, serverFolder, startServer, waitFor, type Requirement } from './real-server.ts';

export const MOSQUITTO: Requirement = { binary: 'mosquitto', package: 'mosquitto' };

export interface MosquittoSettings {
  /** Users and passwords; without them anonymous clients are accepted. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of the access control list. */
  readonly acl?: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Additional configuration lines. */
  readonly extra?: readonly string[];
}

export interface Mosquitto {
  readonly pid: number;
  readonly url: string;
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMosquitto(settings: MosquittoSettings = {}): Promise<Mosquitto> {
  const folder = serverFolder('mosquitto');
  const port = await freePort();
  const file = join(folder.path, 'mosquitto.conf');
  writeFileSync(file, configuration(folder.path, port, settings));
  const start = () => startServer({ command: MOSQUITTO.binary, args: ['-c', file], ready: () => isListening(port) });
  let server = await start();
  return {
    get pid() {
      return server.pid;
    },
    url: `${settings.tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
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

function configuration(folder: string, port: number, { users, acl, tls, extra = [] }: MosquittoSettings): string {
  const lines = [
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${String(users === undefined)}`,
    'set_tcp_nodelay true',
    ...extra,
  ];
  if (process.getuid?.() === 0) lines.push('user root');
  if (users !== undefined) {
    const file = join(folder, 'passwords');
    writeFileSync(
      file,
      Object.entries(users)
        .map((pair) => `${pair.join(':')}\n`)
        .join(''),
      { mode: 0o600 },
    );
    execFileSync(findBinary('mosquitto_passwd') ?? 'mosquitto_passwd', ['-U', file]);
    lines.push(`password_file ${file}`);
  }
  if (acl !== undefined) {
    const file = join(folder, 'acl');
    writeFileSync(file, acl.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    lines.push(`acl_file ${file}`);
  }
  if (tls !== undefined) lines.push(`certfile ${tls.cert}`, `keyfile ${tls.key}`);
  return `${lines.join('\n')}\n`;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      settle(true);
    });
    socket.once('error', () => {
      settle(false);
    });
  });
}

export interface Subscriber {
  /** All messages so far; waits for a marker that it publishes behind them. */
  received(): Promise<readonly { readonly topic: string; readonly payload: string; readonly retain: boolean }[]>;
  close(): Promise<void>;
}

const MARKER = 'marker-of-the-test';

export async function subscribe(url: string, topic = '#', credentials: object = {}): Promise<Subscriber> {
  const client = await connectAsync(url, { reconnectPeriod: 0, ...credentials });
  const messages: { topic: string; payload: string; retain: boolean }[] = [];
  let [asked, seen] = [0, 0];
  client.on('error', () => undefined);
  client.on('message', (name, payload, { retain }) => {
    if (name === MARKER) seen += 1;
    else messages.push({ topic: name, payload: payload.toString(), retain });
  });
  await client.subscribeAsync([topic, MARKER], { qos: 2 });
  return {
    received: async () => {
      asked += 1;
      await client.publishAsync(MARKER, '', { qos: 2 });
      await waitFor(() => seen >= asked, { interval: 2 });
      return messages;
    },
    close: () => client.endAsync(true),
  };
}
