/** Names of local users, by /etc/passwd. Users of a directory service are shown by their number. */
import { readFileSync, statSync } from 'node:fs';

import { oneLine, truncate } from '../../plugin/message-text.ts';

/** A larger file is somebody's mistake. */
const MAX_BYTES = 1024 * 1024;
const MAX_USERS = 10_000;
/** Of `useradd`, characters. */
const MAX_NAME = 32;

export class UserNames {
  readonly #path: string;
  #names: ReadonlyMap<number, string> = new Map();
  #version = '';

  /** @param etc the folder */
  constructor(etc: string) {
    this.#path = `${etc}/passwd`;
  }

  /** Reads the file again if it has changed. */
  refresh(): void {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version || size > MAX_BYTES) return;
      this.#names = parsePasswd(readFileSync(this.#path, 'utf8'));
      this.#version = version;
    } catch {
      // a container without users, or no permission: numbers are shown
    }
  }

  /** The number as a text if there is no name. */
  nameOf(uid: number): string {
    return this.#names.get(uid) ?? String(uid);
  }
}

/** Of several users with one number the first counts, as for getpwuid(3). */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':', 3);
    if (name === undefined || name === '' || uid === undefined || !/^\d{1,10}$/.test(uid)) continue;
    if (names.size >= MAX_USERS) break;
    if (!names.has(Number(uid))) names.set(Number(uid), truncate(oneLine(name), MAX_NAME));
  }
  return names;
}
