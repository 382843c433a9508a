/** Connects and logs in. The socket is created here, so that destroying it ends every pending operation. */
import { readFile } from 'node:fs/promises';
import { connect as openSocket, type Socket } from 'node:net';

import type SftpClient from 'ssh2-sftp-client';

import { RetryableError } from '../../plugin/index.ts';

import { loginFailure } from './failures.ts';
import { fingerprint, keyType, knownHost } from './host-key.ts';
import type { Options } from './options.ts';

export interface Connection {
  readonly client: SftpClient;
  readonly wrapper: Awaited<ReturnType<SftpClient['connect']>>;
  /** Aborts when the connection is closed; the reason says why. */
  readonly ended: AbortSignal;
  close(): void;
  /** Closes the connection immediately; pending operations reject with this error. */
  abort(reason: Error): void;
}

/** The server is considered dead after 45 s without a response. */
const KEEPALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 3 };

/**
 * @param signal closes the connection, also after login
 * @throws RetryableError with advice
 */
export async function connect(options: Options, signal: AbortSignal): Promise<Connection> {
  const { default: Client } = await import('ssh2-sftp-client');
  const trusted = await trustedKeys(options);
  const credentials = await readCredentials(options);
  signal.throwIfAborted();

  const socket = openSocket(options.port, options.host);
  // Without it, each block waits for a delayed ACK: 2 MB/s on loopback instead of more than 50.
  socket.setNoDelay(true);
  const life = lifeOf(socket, signal);
  const ignore = () => undefined;
  const client = new Client('healthd', { error: life.failed, end: ignore, close: ignore });
  client.on('error', life.failed);
  // Servers that check passwords with PAM use keyboard-interactive authentication.
  client.on('keyboard-interactive', (...[, , , prompts, answer]: KeyboardRequest) => {
    answer(prompts.map(() => options.password ?? ''));
  });
  const login = client.connect({
    sock: socket,
    username: options.username,
    ...credentials,
    ...(trusted === undefined ? {} : { hostVerifier: verifier(trusted, options, life.failed), ...offer(trusted) }),
    readyTimeout: options.connect_timeout,
    ...KEEPALIVE,
  });
  try {
    const wrapper = await unlessEnded(login, life.ended);
    return { client, wrapper, ended: life.ended, close: () => void close(client, socket), abort: life.abort };
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw loginFailure(life.cause() ?? error, options);
  }
}

type KeyboardRequest = [string, string, string, readonly unknown[], (texts: readonly string[]) => void];

/** Settles as the work does, or rejects when the connection ends, since the client then drops some of its callbacks. */
export function unlessEnded<T>(work: Promise<T>, ended: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      reject(ended.reason as Error);
    };
    if (ended.aborted) end();
    ended.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => {
      ended.removeEventListener('abort', end);
    });
  });
}

function lifeOf(socket: Socket, signal: AbortSignal) {
  const controller = new AbortController();
  let cause: unknown;
  const failed = (error: unknown) => {
    cause ??= error;
  };
  const abort = (reason: unknown) => {
    failed(reason);
    socket.destroy();
  };
  const onAbort = () => {
    abort(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  socket.on('error', failed).once('close', () => {
    signal.removeEventListener('abort', onAbort);
    controller.abort(cause ?? new Error('the server closed the connection'));
  });
  return { ended: controller.signal, failed, abort, cause: () => cause };
}

/** Closes the session gracefully if the server still responds. */
async function close(client: SftpClient, socket: Socket): Promise<void> {
  try {
    const ended = client.end();
    socket.destroySoon();
    await ended;
  } catch {
    // Everything was acknowledged before, so nothing is lost.
    socket.destroy();
  }
}

interface TrustedKeys {
  readonly prints: readonly string[];
  readonly revoked: readonly string[];
  readonly algorithms: readonly string[];
  /** The option that lists the keys; for messages. */
  readonly from: string;
}

/** Reads the file for every connection, so that corrections take effect; undefined if host keys are not checked. */
async function trustedKeys({ host, port, host_key, known_hosts }: Options): Promise<TrustedKeys | undefined> {
  if (host_key !== undefined) return { prints: host_key, revoked: [], algorithms: [], from: 'host_key' };
  if (known_hosts === undefined) return undefined;
  const { trusted, revoked, algorithms } = knownHost(await readOptionFile('known_hosts', known_hosts), host, port);
  if (trusted.length === 0)
    throw new RetryableError(`${known_hosts} has no key for ${host}, port ${port}; add the output of "ssh-keyscan"`);
  return { prints: trusted, revoked, algorithms, from: `known_hosts (${known_hosts})` };
}

/** A server has keys of several types and presents the one that the client prefers. */
function offer({ algorithms }: TrustedKeys) {
  if (algorithms.length === 0) return {};
  return { algorithms: { serverHostKey: algorithms as 'ssh-ed25519'[] } };
}

function verifier({ prints, revoked, from }: TrustedKeys, { host, port }: Options, failed: (error: Error) => void) {
  return (key: Buffer): boolean => {
    const print = fingerprint(key);
    if (prints.includes(print) && !revoked.includes(print)) return true;
    const what = `${host}:${port} presented the host key ${print} (${keyType(key)})`;
    const expected = revoked.includes(print) ? 'which is revoked' : `expected ${prints.join(' or ')}`;
    failed(
      new RetryableError(
        `${what}, ${expected}; it may be a different server, so nothing was sent. If the key is right, correct ${from}`,
      ),
    );
    return false;
  };
}

async function readCredentials({ password, private_key, passphrase }: Options) {
  return {
    ...(password === undefined ? {} : { password, tryKeyboard: true }),
    ...(private_key === undefined ? {} : { privateKey: await readOptionFile('private_key', private_key) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}

async function readOptionFile(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new RetryableError(`Cannot read the file of ${option}`, { cause: error });
  }
}
