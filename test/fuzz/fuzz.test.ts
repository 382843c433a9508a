/** Every parser gets mutated inputs. `FUZZ_INPUTS` and `SEED` set how many and which; see README.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { mutated } from './mutate.ts';
import { TARGETS } from './targets.ts';

const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 200_000);
const SEED = process.env['SEED'] ?? '1';
const SHARES = TARGETS.reduce((sum, { share }) => sum + share, 0);
const ROOT = join(import.meta.dirname, '../..');

/** ms for each input, on a busy machine, and as much again for the start. */
const TIMEOUT = 60_000 + 5 * INPUTS;

describe(`${INPUTS} inputs, SEED=${SEED}`, () => {
  test.each(TARGETS)(
    '$name',
    async ({ name, share, examples, longest, check }) => {
      const inputs = Math.ceil((INPUTS * share) / SHARES);
      for (let index = 0; index < inputs; index += 1) {
        const input = mutated(`${SEED} ${name} ${index}`, examples, longest);
        try {
          await check(input);
        } catch (error) {
          throw new Error(`${name}, SEED=${SEED}, input ${index}: ${excerpt(input)}`, { cause: error });
        }
      }
    },
    TIMEOUT,
  );
});

function excerpt(input: Buffer): string {
  const shown = JSON.stringify(input.toString('latin1', 0, 2000));
  return input.length > 2000 ? `${shown} … (${input.length} bytes)` : shown;
}

test('the examples keep the promises', async () => {
  for (const { examples, check } of TARGETS) for (const example of examples) await check(example);
});

test('the same seed makes the same input', () => {
  const examples = [Buffer.from('cpu,host=a usage=1.5 1000\n')];
  const made = (seed: string) => Array.from({ length: 100 }, (_, index) => mutated(`${seed} ${index}`, examples, 1000));
  expect(made('a')).toEqual(made('a'));
  expect(made('a')).not.toEqual(made('b'));
});

/** Every module with a function of this name reads something that others have written. */
const PARSER = /^export (?:async )?function\*? (?:(?:parse|scan|decode)(?:[A-Z]\w*)?|\w*[vV]erdict)\(/m;

/** Modules that need no target, and why. */
const EXEMPT: Readonly<Record<string, string>> = {
  'src/history/codec/column.ts': 'through src/history/codec/block.ts',
  'src/metric/line-protocol/parser.ts': 'through src/metric/line-protocol.ts',
  'src/metric/line-protocol/scanner.ts': 'through src/metric/line-protocol.ts',
  'src/outputs/mqtt/verdict.ts': 'of errors that the package has made of packets',
  'src/outputs/nats/verdict.ts': 'of errors that the package has made of packets',
};

test('no parser is missing from the list', () => {
  const imports = readdirSync(join(import.meta.dirname, 'targets')).flatMap((name) => {
    const code = readFileSync(join(import.meta.dirname, 'targets', name), 'utf8');
    return [...code.matchAll(/from '(?:\.\.\/)+(src\/[^']+)'/g)].map(([, path = '']) => path);
  });
  const parsers = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name))
    .filter((path) => PARSER.test(readFileSync(join(ROOT, path), 'utf8')));
  expect(parsers.length).toBeGreaterThan(30);
  expect(parsers.filter((path) => !imports.includes(path) && !Object.hasOwn(EXEMPT, path))).toEqual([]);
});
