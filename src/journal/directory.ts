import { readdir } from 'node:fs/promises';

import { unlessMissing } from '../core/errors.ts';

/** Names in a directory; one that does not exist holds nothing. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  return (await unlessMissing(readdir(directory))) ?? [];
}
