/** OpenSSH's server, for this user, on loopback. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { test } from '@jest/globals';
import ssh2 from 'ssh2';

import { fingerprint } from '../../../src/outputs/sftp/host-key.ts';

import { freePort, serverFolder, startServer, testWith, type RunningServer } from './real-server.ts';

const REQUIREMENT = { binary: 'sshd', package: 'openssh-server' };

/** Declares a test that needs the server, which works for users other than root only on machines set up for it. */
export const sshdTest: ReturnType<typeof testWith> =
  process.getuid?.() === 0
    ? testWith(REQUIREMENT)
    : (title, body) => {
        test.skip(`${title} (needs root)`, body);
      };

export interface Sshd {
  readonly port: number;
  readonly username: string;
  /** File of the accepted key. */
  readonly privateKey: string;
  /** SHA256:… */
  readonly hostKey: string;
  /** Its line in known_hosts. */
  readonly knownHostsLine: string;
  /** An empty folder for uploads. */
  readonly folder: string;
  /** With arguments for its SFTP server (`-R`: read-only; `-P rename`: without rename). */
  restart(sftpArguments?: string): Promise<void>;
  /** Kills it and all its connections. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function startSshd(): Promise<Sshd> {
  const root = serverFolder('sshd');
  const port = await freePort();
  const host = ssh2.utils.generateKeyPairSync('ed25519');
  const user = ssh2.utils.generateKeyPairSync('ed25519');
  const files = {
    host: join(root.path, 'host_key'),
    user: join(root.path, 'user_key'),
    authorized: join(root.path, 'authorized_keys'),
    config: join(root.path, 'sshd_config'),
    folder: join(root.path, 'uploads'),
  };
  writeFileSync(files.host, host.private, { mode: 0o600 });
  writeFileSync(files.user, user.private, { mode: 0o600 });
  writeFileSync(files.authorized, `${user.public}\n`);
  mkdirSync(files.folder);
  // sshd's privilege separation directory, which distributions create when they start their own.
  mkdirSync('/run/sshd', { recursive: true });
  let server: RunningServer | undefined;

  async function start(sftpArguments: string): Promise<void> {
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${files.host}`,
      `AuthorizedKeysFile ${files.authorized}`,
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      `PidFile ${join(root.path, 'sshd.pid')}`,
      `Subsystem sftp internal-sftp ${sftpArguments}`,
    ];
    writeFileSync(files.config, `${lines.join('\n')}\n`);
    server = await startServer({
      command: 'sshd',
      args: ['-D', '-e', '-f', files.config],
      ready: () => answers(port),
    });
  }

  async function kill(): Promise<void> {
    if (server === undefined) return;
    for (const pid of descendants(server.pid)) process.kill(pid, 'SIGKILL');
    await server.stop();
    server = undefined;
  }

  await start('');
  return {
    port,
    username: userInfo().username,
    privateKey: files.user,
    hostKey: fingerprint(Buffer.from(host.public.split(' ')[1] ?? '', 'base64')),
    knownHostsLine: `[127.0.0.1]:${port} ${host.public}`,
    folder: files.folder,
    kill,
    async restart(sftpArguments = '') {
      await kill();
      await start(sftpArguments);
    },
    async close() {
      await kill();
      root.remove();
    },
  };
}

/** Each connection is a process in its own session. */
function descendants(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return children.flatMap((child) => [...descendants(child), child]);
  } catch {
    // It has exited in the meantime.
    return [];
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
