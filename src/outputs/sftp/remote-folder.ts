import { Readable } from 'node:stream';

import { humanDuration, RetryableError, type Clock } from '../../plugin/index.ts';

import { connect } from './connection.ts';
import { probeName } from './file-names.ts';
import type { Options } from './options.ts';
import { Session } from './session.ts';
import type { FinishedFile } from './spool.ts';
import { surplus, upload } from './upload.ts';

/** The folder on the server. */
export class RemoteFolder {
  readonly #options: Options;
  readonly #path: string;
  readonly #hostname: string;
  readonly #clock: Clock;

  constructor(options: Options, hostname: string, clock: Clock) {
    this.#options = options;
    this.#path = options.remote_path.replace(/(?<=.)\/+$/, '');
    this.#hostname = hostname;
    this.#clock = clock;
  }

  /** Logs in, creates the folder if it is missing, and closes the connection after the work. */
  async use(signal: AbortSignal, work: (session: Session) => Promise<void>): Promise<void> {
    const session = new Session(await connect(this.#options, signal));
    try {
      await session.makeFolder(this.#path);
      await work(session);
    } finally {
      session.close();
    }
  }

  /** @throws unless the server has the complete file under its final name */
  async upload(file: FinishedFile, session: Session): Promise<void> {
    const { upload_timeout: limit } = this.#options;
    const cancel = this.#clock.after(limit, () => {
      session.abort(new RetryableError(`not finished within ${humanDuration(limit)} (upload_timeout)`));
    });
    try {
      await upload(file, this.#path, session);
    } finally {
      cancel();
    }
  }

  /** Checks that files can be created, by creating and removing an empty one. */
  async probe(session: Session): Promise<void> {
    const path = `${this.#path}/${probeName(this.#hostname)}`;
    await session.write(path, 0, Readable.from([]));
    await session.remove(path);
  }

  /** Applies `remote_retention`. */
  async prune(session: Session): Promise<void> {
    const { remote_retention: retention } = this.#options;
    if (retention === undefined) return;
    const names = surplus(await session.names(this.#path), this.#hostname, retention, this.#clock.now());
    for (const name of names) await session.remove(`${this.#path}/${name}`);
  }
}
