import { expect, test } from '@jest/globals';

import { sftp } from '../../../src/outputs/sftp/index.ts';

const PRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
const MINIMAL = {
  host: 'archive',
  username: 'healthd',
  password: 'secret',
  host_key: [PRINT],
  remote_path: 'metrics',
  local_path: '/var/lib/healthd/sftp',
};

test.each([
  ['no login', { password: undefined }, 'is missing; set private_key or password'],
  ['no host key', { host_key: undefined }, 'set either host_key or known_hosts'],
  ['two sources of host keys', { known_hosts: 'file' }, 'set either host_key or known_hosts'],
  ['a host key with the check disabled', { insecure_skip_host_key_check: true }, 'set either host_key or known_hosts'],
  ['a fingerprint in MD5', { host_key: ['16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'] }, 'ssh-keygen -lf -'],
  ['a folder that is too small for two files', { max_local_bytes: '15MiB' }, 'must be at least twice rotate.size'],
])('rejects %s', (_title, more, message) => {
  const { success, error } = sftp.config.safeParse({ ...MINIMAL, ...more });
  expect(success).toBe(false);
  expect(error?.message).toContain(message);
});
