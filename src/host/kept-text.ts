import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { errorCode, type KeptText } from '../plugin/index.ts';

import { replaceFile } from './replace-file.ts';

/** @param file undefined: in memory */
export function keptText(file: string | undefined): KeptText {
  let kept: string | undefined;
  if (file === undefined) {
    return {
      read: () => Promise.resolve(kept),
      write: (text) => {
        kept = text;
        return Promise.resolve();
      },
    };
  }
  return {
    async read() {
      try {
        return await readFile(file, 'utf8');
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(text) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await replaceFile(file, text);
    },
  };
}
