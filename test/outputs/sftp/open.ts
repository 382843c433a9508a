import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { sftp } from '../../../src/outputs/sftp/index.ts';
import type { Clock, Output } from '../../../src/plugin/index.ts';
import { testContext } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import type { Sshd } from '../../support/servers/sshd.ts';

export const LIVE = new AbortController().signal;

export interface Opened {
  readonly output: Output;
  readonly lines: readonly string[];
}

export function optionsFor(
  server: Pick<Sshd, 'port' | 'username' | 'privateKey' | 'hostKey' | 'folder'>,
  local: string,
) {
  return {
    host: '127.0.0.1',
    port: server.port,
    username: server.username,
    private_key: server.privateKey,
    host_key: [server.hostKey],
    remote_path: server.folder,
    local_path: local,
  };
}

export async function open(options: object, clock?: Clock): Promise<Opened> {
  const log = recordingLog();
  const context = testContext({ log, hostname: 'web-1', ...(clock === undefined ? {} : { clock }) });
  const output = await sftp.create(sftp.config.parse(options), context);
  context.close();
  return { output, lines: log.lines };
}

export function localFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'healthd-sftp-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Content of the finished files and the current one, oldest first. During an upload a file is briefly in both folders. */
export function contentOf(...folders: readonly string[]): string {
  const files = folders
    .flatMap((folder) => readdirSync(folder).map((name) => ({ name, path: join(folder, name) })))
    .filter(({ name }) => /^(healthd-|closed-|current\.)/.test(name) && !name.endsWith('.part'))
    .map(({ name, path }) => [/\d{8}T\d{9}Z/.exec(name)?.[0] ?? 'current', path] as const);
  return [...new Map(files)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, path]) => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString())
    .join('');
}
