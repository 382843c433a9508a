/** The program that a service runs. */
import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

import { ConfigError } from '../../core/errors.ts';

/** Absolute paths of Node and of the script, links resolved. */
export function programFiles(): readonly [node: string, script: string] {
  return [realpathSync(process.execPath), realpathSync(process.argv[1] ?? '')];
}

const FOR_OTHERS = { enter: 0o001, read: 0o004 } as const;

/** @throws ConfigError if only some users may read the files, such as below /root */
export function refuseUnreachable(files: readonly string[], user: string): void {
  for (const file of files) {
    if ((statSync(file).mode & FOR_OTHERS.read) === 0) throw unreachable(file, file, user);
    for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
      if ((statSync(folder).mode & FOR_OTHERS.enter) === 0) throw unreachable(file, folder, user);
    }
  }
}

function unreachable(file: string, closed: string, user: string): ConfigError {
  return new ConfigError(
    `The service runs as the user ${user}, who may not read ${file}, since ${closed} is closed to others; install Node and healthd for all users, such as with: sudo npm install --global --prefix /usr/local healthd`,
  );
}
