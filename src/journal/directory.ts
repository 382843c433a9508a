import { readdir } from 'node:fs/promises';

import { errorCode } from '../core/errors.ts';

/** Names in a directory; one that does not exist holds nothing. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
