import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { startPasswordSshd, type PasswordSshd } from '../../support/servers/password-sshd.ts';

import { LIVE, localFolder, open } from './open.ts';

const PASSWORD = 'correct horse';

let server: PasswordSshd | undefined;
let local: ReturnType<typeof localFolder>;

beforeEach(() => {
  local = localFolder();
});
afterEach(async () => {
  local.remove();
  await server?.close();
});

test.each(['password', 'keyboard-interactive'] as const)(
  'logs in by %s, and reports a rejected password',
  async (method) => {
    server = await startPasswordSshd(PASSWORD, method);
    const make = (password: string) =>
      open({
        host: '127.0.0.1',
        port: server?.port,
        username: 'healthd',
        password,
        host_key: [server?.hostKey],
        remote_path: '/metrics',
        local_path: local.path,
      });
    const right = await make(PASSWORD);
    await right.output.connect?.(LIVE);
    await right.output.stop?.();
    const wrong = await make('wrong one');
    const failure = await wrong.output.connect?.(LIVE).catch((error: unknown) => (error as Error).message);
    expect(failure).toContain('the server rejected the login of healthd; check username and password');
    expect(failure).not.toContain('wrong one');
    await wrong.output.stop?.();
  },
);
