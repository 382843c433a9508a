/** Servers that Debian does not package; `maven/install.sh` installs them into a cache folder. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { test } from '@jest/globals';

import { findBinary } from './real-server.ts';

const CACHE =
  process.env['HEALTHD_TEST_SERVERS'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'healthd-test-servers');

export type InstalledServer = 'kafka' | 'opensearch' | 'elasticsearch';

export function installedFolder(name: InstalledServer): string {
  return join(CACHE, name);
}

export function isInstalled(name: InstalledServer): boolean {
  return findBinary('java') !== undefined && existsSync(join(installedFolder(name), 'lib'));
}

/** Like `testWith` of real-server.ts. */
export function installedTest(name: InstalledServer) {
  const what = `needs java and ${name} (test/support/servers/maven/install.sh)`;
  return (title: string, body: () => Promise<void>, timeout = 30_000): void => {
    if (isInstalled(name)) {
      test(title, body, timeout);
    } else if (process.env['CI'] === 'true') {
      test(title, () => {
        throw new Error(`This test ${what}, which is not installed; in CI it must not be skipped`);
      });
    } else {
      test.skip(`${title} (${what})`, body);
    }
  };
}

/** Options that make a JVM start fast rather than run fast. */
export const QUICK_START = ['-XX:TieredStopAtLevel=1', '-Xshare:auto'];
