/**
 * `write` appends a batch to a local file and syncs it to disk, which counts as delivered. Finished files are uploaded on a
 * schedule, and removed only after the server has them. If the server is down for so long that the folder is full, `write`
 * fails, and batches stay in the journal.
 */
import {
  encodeBatch,
  optionalPackage,
  RetryableError,
  type Clock,
  type Output,
  type PluginContext,
} from '../../plugin/index.ts';

import type { Options } from './options.ts';
import { RemoteFolder } from './remote-folder.ts';
import { Spool, SpoolFullError } from './spool.ts';
import { Uploader, type Outage } from './uploader.ts';

/** @throws ConfigError if the package is missing: now rather than at the first upload */
export async function createOutput(options: Options, { clock, host, log }: PluginContext): Promise<Output> {
  await optionalPackage('ssh2-sftp-client', () => import('ssh2-sftp-client'));
  const spool = openSpool(options, host.hostname, clock);
  const remote = new RemoteFolder(options, host.hostname, clock);
  /** The folder is full, so the current file is finished early. */
  let isFull = false;

  async function upload(signal: AbortSignal): Promise<void> {
    const files = await spool.finish(isFull);
    if (files.length === 0) return;
    await remote.use(signal, async (session) => {
      for (const file of files) {
        await remote.upload(file, session);
        await spool.remove(file);
        isFull = false;
        log.debug('Uploaded', { file: file.name, bytes: file.size });
      }
      await remote.prune(session);
    });
  }

  const uploader = new Uploader({ upload, interval: options.upload_interval, clock, log });
  return {
    async connect(signal) {
      await spool.open();
      await remote.use(signal, (session) => remote.probe(session));
    },
    async write(batch, signal) {
      try {
        await spool.append(encodeBatch(batch, options.format, options.timestamp_units), signal);
      } catch (error) {
        if (!(error instanceof SpoolFullError)) throw error;
        isFull = true;
        throw new RetryableError(`${error.message} (max_local_bytes); ${whyFull(uploader.outage)}`);
      } finally {
        uploader.start();
      }
    },
    async stop() {
      await uploader.stop();
      await spool.close();
    },
  };
}

function openSpool(options: Options, hostname: string, clock: Clock): Spool {
  const { local_path: folder, format, rotate, max_local_bytes: maxBytes } = options;
  return new Spool({ folder, hostname, format, rotate, maxBytes, clock });
}

function whyFull(outage: Outage | undefined): string {
  if (outage === undefined)
    return 'writing resumes after the next upload; if this happens often, lower upload_interval';
  const since = new Date(outage.since).toISOString();
  return `uploads fail since ${since}: ${outage.reason}`;
}
