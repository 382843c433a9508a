/**
 * Keeps two processes from one directory: a socket that the holder listens on. The system closes it when its process ends
 * in whatever way, so nothing has to be waited for after a crash, and process numbers that mean something else in another
 * container do no harm. What it does not see: a process on another machine that shares the directory by network.
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { errorCode } from '../core/errors.ts';

/** The file system cannot hold sockets (vfat, some network and container mounts). */
const NO_SOCKETS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS']);

const MOST_ATTEMPTS = 5;
const ANSWER_MS = 1000;

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
    const server = await acquire(directory, place.path);
    return { isExclusive: true, release: () => release(server, place) };
  } catch (error) {
    place.close();
    if (NO_SOCKETS.has(errorCode(error))) return { isExclusive: false, release: () => Promise.resolve() };
    throw error;
  }
}

async function acquire(directory: string, path: string): Promise<Server> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const server = await listen(path);
    if (server !== undefined) return server;
    const found = identityOf(path);
    const holder = await holderOf(path);
    if (holder !== undefined) throw held(directory, holder);
    // If it is another one by now, somebody else has cleared away the one that was asked.
    if (found !== undefined && found === identityOf(path)) await clearAway(directory, path);
  }
  throw new Error(`${join(directory, 'lock')} changes hands too fast; try again`);
}

/** The number of a file alone may be that of one that was removed a moment ago. */
function identityOf(path: string): string | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.ino} ${status.ctimeNs}`;
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

/**
 * Takes away a socket that nobody listens on any more. Of several who want to, one gets hold of it by renaming it; should
 * it turn out that somebody has just begun to listen on it, it is put back.
 */
async function clearAway(directory: string, path: string): Promise<void> {
  const aside = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    if (!lstatSync(path).isSocket()) throw new Error(`${join(directory, 'lock')} is in the way of a lock; remove it`);
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const holder = await holderOf(aside);
  if (holder === undefined) {
    rmSync(aside, { force: true });
    return;
  }
  renameSync(aside, path);
  throw held(directory, holder);
}

/** Closing a server removes its socket, by the path that it was given: until then, that has to lead to the same place. */
function release(server: Server, place: SocketPlace): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      place.close();
      resolve();
    });
  });
}
