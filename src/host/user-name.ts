import { userInfo } from 'node:os';

/** Name of the user of this process; its number for a user without an entry, as in some containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
