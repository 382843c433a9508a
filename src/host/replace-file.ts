import { rename, writeFile } from 'node:fs/promises';

import { retryRename } from '../core/retry-rename.ts';

/** Replaces a file as a whole. @throws the system's error */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: 0o600, flush: true });
  await retryRename(() => rename(draft, file));
}
