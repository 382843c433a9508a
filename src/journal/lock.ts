/**
 * Locks a directory with a socket that the holder listens on. The kernel closes it however the process ends, so there is
 * nothing to wait for after a crash, and no dependence on PIDs, which differ between containers. It does not detect a
 * process on another machine that shares the directory over the network.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorCode, toError } from '../core/errors.ts';

import { findWindowsHolder, lockFile } from './windows-lock.ts';
import { holderOfDeleted } from './deleted-directory.ts';

/** Errors of file systems without sockets (vfat, some network and container mounts). */
const NO_SOCKETS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS']);

const MAX_ATTEMPTS = 5;
const ANSWER_TIMEOUT_MS = 1000;
/** Much longer than the time between checking a stale socket and replacing it. */
const SETTLE_MS = 100;

/** Another process holds the directory. */
export class HeldError extends Error {
  override readonly name = 'HeldError';
}

export interface Lock {
  /** False if the file system does not support the lock. */
  readonly isExclusive: boolean;
  release(): Promise<void>;
}

/**
 * @throws HeldError if another process holds the directory
 * @throws the system error if the socket cannot be created
 */
export async function lockDirectory(directory: string): Promise<Lock> {
  if (process.platform === 'win32') return lockOnWindows(directory);
  const former = holderOfFormer(directory);
  if (former !== undefined) throw held(directory, former);
  const place = socketPlace(directory);
  try {
    const { server, remove } = await acquire(directory, place.path);
    return { isExclusive: true, release: () => release(server, remove, place) };
  } catch (error) {
    place.close();
    if (NO_SOCKETS.has(errorCode(error))) return { isExclusive: false, release: () => Promise.resolve() };
    const reason = toError(error);
    // The error has the path through /proc, not that of the directory.
    reason.message = reason.message.replaceAll(place.path, join(directory, 'lock'));
    throw reason;
  }
}

async function lockOnWindows(directory: string): Promise<Lock> {
  const locked = await lockFile(directory);
  if ('holder' in locked) throw held(directory, locked.holder);
  const release = () => {
    locked.release();
    return Promise.resolve();
  };
  return { isExclusive: true, release };
}

/** The lock of a deleted directory went with it. One that is empty may be its successor, made now or by an attempt that was refused. */
function holderOfFormer(directory: string): string | undefined {
  return readdirSync(directory).length > 0 ? undefined : holderOfDeleted(directory);
}

interface Acquired {
  readonly server: Server;
  /** Removes the socket, unless closing the server does. */
  readonly remove: () => void;
}

async function acquire(directory: string, path: string): Promise<Acquired> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const server = await listen(path);
    if (server !== undefined) return { server, remove: () => undefined };
    const found = identityOf(path);
    const holder = await holderOf(path);
    if (holder !== undefined) throw held(directory, holder);
    const acquired = found === undefined ? undefined : await takeOver(directory, path, found);
    if (acquired !== undefined) return acquired;
  }
  throw new Error(`${join(directory, 'lock')} keeps changing; try again`);
}

/** With the ctime, because the inode number of a removed file is reused. */
function identityOf(path: string): string | undefined {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.ino} ${status.ctimeNs}`;
}

/**
 * Replaces a stale socket by rename. The path is never empty, so no other process can listen on it meanwhile; if several
 * replace it at once, the one whose socket is still there after a pause has won.
 *
 * @returns undefined if another process was faster
 */
async function takeOver(directory: string, path: string, found: string): Promise<Acquired | undefined> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
    throw new Error(`${join(directory, 'lock')} is not a socket and blocks the lock; remove it`);
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

/** @returns the PID of the holder as it reports it; undefined if there is none */
export async function findHolder(directory: string): Promise<string | undefined> {
  if (process.platform === 'win32') return findWindowsHolder(directory);
  const place = socketPlace(directory);
  try {
    return await holderOf(place.path);
  } finally {
    place.close();
  }
}

function held(directory: string, holder: string): HeldError {
  return new HeldError(
    `${directory} is in use by another healthd (process ${holder}); stop it, or set a different agent.state_dir`,
  );
}

interface SocketPlace {
  readonly path: string;
  readonly close: () => void;
}

/** Socket paths are limited to about 100 bytes, so on Linux the path goes through the open directory. */
function socketPlace(directory: string): SocketPlace {
  if (process.platform !== 'linux') return { path: join(directory, 'lock'), close: () => undefined };
  const fd = openSync(directory, 'r');
  return {
    path: `/proc/self/fd/${fd}/lock`,
    close: () => {
      closeSync(fd);
    },
  };
}

/** @returns undefined if the path exists */
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

/** @returns undefined if no process listens there */
function holderOf(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => {
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

/** Closing a server removes its socket by path, so the directory stays open until then. */
async function release(server: Server, remove: () => void, place: SocketPlace): Promise<void> {
  // Before closing: afterwards the socket may belong to another process.
  remove();
  await close(server);
  place.close();
}
