/**
 * An SSH server in this process with password authentication, which OpenSSH offers only to users of the system. Its SFTP has one
 * folder in which files can be created and removed; they stay empty.
 */
import type { AddressInfo } from 'node:net';

import ssh2 from 'ssh2';

import { fingerprint } from '../../../src/outputs/sftp/host-key.ts';

export interface PasswordSshd {
  readonly port: number;
  readonly hostKey: string;
  close(): Promise<void>;
}

/** @param method authentication method that asks for the password */
export async function startPasswordSshd(
  password: string,
  method: 'password' | 'keyboard-interactive',
): Promise<PasswordSshd> {
  const key = ssh2.utils.generateKeyPairSync('ed25519');
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client
      .on('error', () => undefined)
      .on('authentication', (attempt) => {
        if (attempt.method !== method) attempt.reject([method]);
        else if (attempt.method === 'password') answer(attempt, attempt.password === password);
        else
          attempt.prompt([{ prompt: 'Password: ', echo: false }], (texts) => {
            answer(attempt, texts[0] === password);
          });
      })
      .on('session', (accept) => {
        accept().on('sftp', (acceptSftp) => {
          serveFolder(acceptSftp());
        });
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: fingerprint(Buffer.from(key.public.split(' ')[1] ?? '', 'base64')),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

function answer(attempt: ssh2.AuthContext, isRight: boolean): void {
  if (isRight) attempt.accept();
  else attempt.reject();
}

function serveFolder(sftp: ssh2.SFTPWrapper): void {
  const { OK } = ssh2.utils.sftp.STATUS_CODE;
  const attributes = { mode: 0o40_755, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
  const done = (id: number) => {
    sftp.status(id, OK);
  };
  sftp
    .on('LSTAT', (id) => {
      sftp.attrs(id, attributes);
    })
    .on('STAT', (id) => {
      sftp.attrs(id, attributes);
    })
    .on('REALPATH', (id, path) => {
      sftp.name(id, [{ filename: path, longname: path, attrs: attributes }]);
    })
    .on('OPEN', (id) => {
      sftp.handle(id, Buffer.from('handle'));
    })
    .on('FSETSTAT', done)
    .on('CLOSE', done)
    .on('REMOVE', done);
}
