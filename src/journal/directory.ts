import { readdir } from 'node:fs/promises';

import { unlessMissing } from '../core/errors.ts';

/** Names in a directory; empty if it does not exist. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  return (await unlessMissing(readdir(directory))) ?? [];
}
