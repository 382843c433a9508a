/** The SFTP operations that an upload needs. Each ends at the latest when the connection does. */
import { addAbortSignal, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { errorCode } from '../../plugin/index.ts';

import { unlessEnded, type Connection } from './connection.ts';
import { remoteFailure } from './failures.ts';

const MODE = 0o640;

export class Session {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Size in bytes; undefined if the file does not exist. */
  async size(path: string): Promise<number | undefined> {
    const { client } = this.#connection;
    return this.#run('stat', path, async () => {
      try {
        return (await client.stat(path)).size;
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  names(folder: string): Promise<readonly string[]> {
    const { client } = this.#connection;
    return this.#run('list', folder, async () => (await client.list(folder)).map(({ name }) => name));
  }

  /** Also creates missing parent folders. */
  async makeFolder(path: string): Promise<void> {
    const { client } = this.#connection;
    await this.#run('create', path, () => client.mkdir(path, true));
  }

  read(path: string, take: (chunk: Uint8Array) => void): Promise<void> {
    const { client, ended } = this.#connection;
    return this.#run('read', path, async () => {
      const content = addAbortSignal(ended, client.createReadStream(path));
      for await (const chunk of content) take(chunk as Uint8Array);
    });
  }

  /** @param offset where to write the content; earlier bytes stay. 0 truncates the file first. */
  write(path: string, offset: number, content: Readable): Promise<void> {
    const { client, ended } = this.#connection;
    return this.#run('write', path, async () => {
      const flags = offset === 0 ? 'w' : 'r+';
      await pipeline(content, client.createWriteStream(path, { flags, start: offset, mode: MODE }), { signal: ended });
    });
  }

  /** Syncs a file to the disk of the server, if the server supports it (`fsync@openssh.com`). */
  sync(path: string): Promise<void> {
    const { wrapper } = this.#connection;
    return this.#run('sync', path, async () => {
      const handle = await called<Buffer>((done) => {
        wrapper.open(path, 'r+', done);
      });
      try {
        await called((done) => {
          wrapper.ext_openssh_fsync(handle, done);
        });
      } catch (error) {
        if (!isUnsupported(error)) throw error;
      } finally {
        await called((done) => {
          wrapper.close(handle, done);
        });
      }
    });
  }

  /** Replaces an existing file, atomically if the server supports it (`posix-rename@openssh.com`). */
  async rename(from: string, to: string): Promise<void> {
    const { client } = this.#connection;
    await this.#run('rename', from, async () => {
      try {
        await client.posixRename(from, to);
      } catch (error) {
        if (!isUnsupported(error)) throw error;
        await client.delete(to, true);
        await client.rename(from, to);
      }
    });
  }

  async remove(path: string): Promise<void> {
    const { client } = this.#connection;
    await this.#run('remove', path, () => client.delete(path, true));
  }

  close(): void {
    this.#connection.close();
  }

  abort(reason: Error): void {
    this.#connection.abort(reason);
  }

  async #run<T>(what: string, path: string, work: () => Promise<T>): Promise<T> {
    const { ended } = this.#connection;
    try {
      return await unlessEnded(work(), ended);
    } catch (error) {
      throw remoteFailure(what, path, ended.aborted ? ended.reason : error);
    }
  }
}

/** Thrown by the client before it sends anything. */
function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support this extended request');
}

function called<T>(call: (done: (error?: Error | null, result?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === null || error === undefined) resolve(result as T);
      else reject(error);
    });
  });
}
