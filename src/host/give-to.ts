import { chownSync, statSync } from 'node:fs';

/** Gives a file the owner of another one, so that the agent can use what root has made for it. Without root it stays as it is. */
export function giveTo(file: string, like: string): void {
  if (process.getuid?.() !== 0) return;
  const [given, wanted] = [statSync(file), statSync(like)];
  if (given.uid !== wanted.uid || given.gid !== wanted.gid) chownSync(file, wanted.uid, wanted.gid);
}
