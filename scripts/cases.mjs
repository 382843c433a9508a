/** Prints the cases of `test/cases/` that no title of a test names; with letters (`AL`, `C`) those of these files only. */
import { join } from 'node:path';

import { loadSource } from './load-source.mjs';

const { readCases, readMentions } = await loadSource('test/support/kit/cases.ts');

const root = join(import.meta.dirname, '..');
const covered = new Set(readMentions(root).map(({ id }) => id));
const letters = process.argv.slice(2);
const isWanted = ({ id }) => letters.length === 0 || letters.includes(id.split('-')[0]);

const cases = readCases(root).filter(isWanted);
for (const file of new Set(cases.map((one) => one.file))) {
  const all = cases.filter((one) => one.file === file);
  const open = all.filter(({ id }) => !covered.has(id));
  console.log(`${file}: ${open.length} of ${all.length} cases have no test`);
  for (const { id, text } of open) console.log(`  ${id}  ${text}`);
}
