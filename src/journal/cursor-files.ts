/** The cursors in a journal's directory. */
import { join } from 'node:path';

import { errorCode } from '../core/errors.ts';

import { CURSOR_SUFFIX, readCursorFile, type SavedProgress } from './cursor-file.ts';
import { namesIn } from './directory.ts';

export interface FoundCursor {
  /** Undefined if the file is damaged or not readable. */
  readonly progress: SavedProgress | undefined;
}

export function cursorPath(directory: string, name: string): string {
  return join(directory, 'cursors', `${name}${CURSOR_SUFFIX}`);
}

/** Name → cursor. */
export async function findCursors(directory: string): Promise<Map<string, FoundCursor>> {
  const names = (await namesIn(join(directory, 'cursors')))
    .filter((name) => name.endsWith(CURSOR_SUFFIX))
    .map((name) => name.slice(0, -CURSOR_SUFFIX.length));
  const found = await Promise.all(names.map((name) => readCursor(cursorPath(directory, name))));
  return new Map(names.map((name, index) => [name, { progress: found[index] }]));
}

async function readCursor(path: string): Promise<SavedProgress | undefined> {
  try {
    return await readCursorFile(path);
  } catch (error) {
    // An unreadable cursor must not affect the others; its reader starts again at the oldest line.
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
