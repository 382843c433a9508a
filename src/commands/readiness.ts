/** Tells systemd that the agent is ready, for units of `Type=notify`. Node has no datagram sockets in the file system. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { errorCode, toError } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

const TIMEOUT_MS = 10_000;

export async function notifyReady(
  environment: Readonly<Record<string, string | undefined>>,
  log: Logger,
): Promise<void> {
  const { NOTIFY_SOCKET, PATH } = environment;
  if (!NOTIFY_SOCKET) return;
  try {
    await promisify(execFile)('systemd-notify', ['--ready'], { env: { NOTIFY_SOCKET, PATH }, timeout: TIMEOUT_MS });
  } catch (error) {
    const reason =
      errorCode(error) === 'ENOENT' ? 'systemd-notify is not installed; use Type=exec' : toError(error).message;
    log.warn(`systemd was not told that healthd is ready: ${reason}`);
  }
}
