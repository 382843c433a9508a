/**
 * Keeps two processes from one directory: a socket that the holder listens on. The system closes it when its process ends
 * in whatever way, so nothing has to be waited for after a crash, and process numbers that mean something else in another
 * container do no harm. What it does not see: a process on another machine that shares the directory by network.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorCode, toError } from '../core/errors.ts';

/** The file system cannot hold sockets (vfat, some network and container mounts). */
const NO_SOCKETS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS']);

const MOST_ATTEMPTS = 5;
const ANSWER_MS = 1000;
/** Much longer than between looking at a socket that is left over and replacing it. */
const SETTLE_MS = 100;

/** Another process has the directory. */
export class HeldError extends Error {
  override readonly name = 'HeldError';
}

export interface Lock {
  /** False where the file system offers no way to lock. */
  readonly isExclusive: boolean;
  release(): Promise<void>;
}

/**
 * @throws HeldError if another process has the directory
 * @throws what the file system says if the socket cannot be made
 */
export async function lockDirectory(directory: string): Promise<Lock> {
  const place = socketPlace(directory);
  try {
    const { server, remove } = await acquire(directory, place.path);
    return { isExclusive: true, release: () => release(server, remove, place) };
  } catch (error) {
    place.close();
    if (NO_SOCKETS.has(errorCode(error))) return { isExclusive: false, release: () => Promise.resolve() };
    const reason = toError(error);
    // What stands there is where it was reached, not where it is.
    reason.message = reason.message.replaceAll(place.path, join(directory, 'lock'));
    throw reason;
  }
}

interface Acquired {
  readonly server: Server;
  /** Takes the socket away, unless closing the server does. */
  readonly remove: () => void;
}

async function acquire(directory: string, path: string): Promise<Acquired> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const server = await listen(path);
    if (server !== undefined) return { server, remove: () => undefined };
    const found = identityOf(path);
    const holder = await holderOf(path);
    if (holder !== undefined) throw held(directory, holder);
    const acquired = found === undefined ? undefined : await takeOver(directory, path, found);
    if (acquired !== undefined) return acquired;
  }
  throw new Error(`${join(directory, 'lock')} changes hands too fast; try again`);
}

/** The number of a file alone may be that of one that was removed a moment ago. */
function identityOf(path: string): string | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.ino} ${status.ctimeNs}`;
}

/**
 * Puts a socket of its own in the place of one that nobody listens on any more. The place is never empty, so nobody else
 * begins to listen there meanwhile; and of several who put theirs there at once, the one whose socket stays goes on.
 *
 * @returns undefined if somebody else was faster
 */
async function takeOver(directory: string, path: string, found: string): Promise<Acquired | undefined> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
    throw new Error(`${join(directory, 'lock')} is in the way of a lock; remove it`);
  }
  const own = `${path}.${randomUUID().slice(0, 8)}`;
  const server = await listen(own);
  if (server === undefined) return undefined;
  if (identityOf(path) === found) {
    renameSync(own, path);
    const mine = identityOf(path);
    await sleep(SETTLE_MS);
    if (identityOf(path) === mine)
      return {
        server,
        remove: () => {
          rmSync(path, { force: true });
        },
      };
  }
  await close(server);
  return undefined;
}

/** @returns what the process that has the directory says of itself; undefined if nobody has it */
export async function findHolder(directory: string): Promise<string | undefined> {
  const place = socketPlace(directory);
  try {
    return await holderOf(place.path);
  } finally {
    place.close();
  }
}

function held(directory: string, holder: string): HeldError {
  return new HeldError(
    `${directory} is in use by another healthd (process ${holder}); stop that one, or give this one an agent.state_dir of its own`,
  );
}

interface SocketPlace {
  readonly path: string;
  readonly close: () => void;
}

/** A socket's path may have about 100 bytes, so on Linux it is reached through the open directory. */
function socketPlace(directory: string): SocketPlace {
  if (process.platform === 'win32') {
    const hash = createHash('sha256').update(directory.toLowerCase()).digest('hex').slice(0, 32);
    return { path: `\\\\.\\pipe\\healthd-${hash}`, close: () => undefined };
  }
  if (process.platform !== 'linux') return { path: join(directory, 'lock'), close: () => undefined };
  const fd = openSync(directory, 'r');
  return {
    path: `/proc/self/fd/${fd}/lock`,
    close: () => {
      closeSync(fd);
    },
  };
}

/** @returns undefined if something is there already */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(String(process.pid));
    });
    server.on('error', (error) => {
      if (errorCode(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** @returns undefined if nobody listens there */
function holderOf(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.setTimeout(ANSWER_MS, () => {
      socket.destroy();
      resolve('that does not answer');
    });
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', (error) => {
      const code = errorCode(error) ?? '';
      if (['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'ENOTDIR'].includes(code)) resolve(undefined);
      else if (code === 'ECONNRESET' || code === 'EPIPE') resolve(answer);
      else reject(error);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** Closing a server removes its socket by the path that it was given: until then, that has to lead to the same place. */
async function release(server: Server, remove: () => void, place: SocketPlace): Promise<void> {
  // First, because afterwards it may be somebody else's.
  remove();
  await close(server);
  place.close();
}
