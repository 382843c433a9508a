/**
 * `write` keeps a batch in a local file, on the disk, which is where it is delivered to; the files go to the server on a
 * schedule, and none is removed before the server has it. A server that is gone for long fills the folder: `write` then
 * refuses, and the journal of the agent keeps what comes.
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

/** @throws ConfigError if the package is missing: now, and not at the first upload */
export async function createOutput(options: Options, { clock, host, log }: PluginContext): Promise<Output> {
  await optionalPackage('ssh2-sftp-client', () => import('ssh2-sftp-client'));
  const spool = openSpool(options, host.hostname, clock);
  const remote = new RemoteFolder(options, host.hostname, clock);
  /** The folder is full before a file is due: finish what there is. */
  let isFull = false;

  async function turn(signal: AbortSignal): Promise<void> {
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

  const uploader = new Uploader({ turn, interval: options.upload_interval, clock, log });
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
  if (outage === undefined) return 'it goes on after the next upload; if that is often so, lower upload_interval';
  const since = new Date(outage.since).toISOString();
  return `uploads fail since ${since}: ${outage.reason}`;
}
