import { expect, test } from '@jest/globals';

import { sftp } from '../../../src/outputs/sftp/index.ts';

const PRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
const LEAST = {
  host: 'archive',
  username: 'healthd',
  password: 'secret',
  host_key: [PRINT],
  remote_path: 'metrics',
  local_path: '/var/lib/healthd/sftp',
};

test.each([
  ['no way to log in', { password: undefined }, 'give it, or password, to log in'],
  ['no known server', { host_key: undefined }, 'give either host_key or known_hosts'],
  ['two ways to know it', { known_hosts: 'file' }, 'give either host_key or known_hosts'],
  [
    'a check that is asked for and skipped',
    { insecure_skip_host_key_check: true },
    'give either host_key or known_hosts',
  ],
  ['a fingerprint in MD5', { host_key: ['16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'] }, 'ssh-keygen -lf -'],
  ['a folder for less than two files', { max_local_bytes: '15MiB' }, 'must be at least twice rotate.size'],
])('refused: %s', (_title, more, message) => {
  const { success, error } = sftp.config.safeParse({ ...LEAST, ...more });
  expect(success).toBe(false);
  expect(error?.message).toContain(message);
});
