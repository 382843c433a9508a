/** Each rename of a file is tried again on Windows, where somebody who reads a file keeps it in place for a moment. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

const SOURCE = join(import.meta.dirname, '../../src');

/** File → why its rename is not tried again there. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'journal/lock.ts': 'a socket, which Windows has not: its lock is a file',
  'logging/alert-log.ts': 'the thread would stand; the next line tries again, and until then the file grows',
};

function renamesWithoutRetry(): readonly string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .filter((name) => {
      const text = readFileSync(join(SOURCE, name), 'utf8');
      if (!/import \{[^}]*\brename(?:Sync)?\b[^}]*\} from 'node:fs(?:\/promises)?'/.test(text)) return false;
      const calls = text.match(/(?<![.#\w])rename(?:Sync)?\(/g)?.length ?? 0;
      const tried = text.match(/retryRename(?:Sync)?\(\(\) =>\s*(?:\{\s*)?rename(?:Sync)?\(/g)?.length ?? 0;
      return calls !== tried;
    })
    .sort();
}

test('W-024: every rename of a file is tried again, or says why not', () => {
  expect(renamesWithoutRetry()).toEqual(Object.keys(OTHERWISE));
});
