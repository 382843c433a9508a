/**
 * How a label is asked for: `a` equals (`*`, `?`, `[a-z]` and `{a,b}` as in file names), `~a` is a regular expression (RE2)
 * for the whole text, `!` in front turns either round, `*` alone is anything. A list: any of the plain ones, none of those
 * turned round. A label that is missing is the empty text, so `""` is "has none" and `"!"` is "has one".
 */
import { createRequire } from 'node:module';

import type * as Re2js from 're2js';

import { compileGlobs } from '../../core/globs.ts';

export type Pattern = string | readonly string[];
type Test = (text: string) => boolean;

const MAX_LENGTH = 256;
/** What a regular expression is shown of a text. Characters. */
const MAX_SUBJECT = 4096;

/** @throws RangeError for a regular expression that is wrong */
export function compilePattern(pattern: Pattern): Test {
  const texts = typeof pattern === 'string' ? [pattern] : pattern;
  if (texts.length === 0) throw new RangeError('An empty list matches nothing');
  const wanted = texts.filter((text) => !text.startsWith('!')).map(compileOne);
  const refused = texts.filter((text) => text.startsWith('!')).map((text) => compileOne(text.slice(1)));
  return (text) =>
    (wanted.length === 0 || wanted.some((matches) => matches(text))) && !refused.some((matches) => matches(text));
}

function compileOne(text: string): Test {
  if (text.length > MAX_LENGTH) throw new RangeError(`A pattern has at most ${MAX_LENGTH} characters`);
  if (text === '*') return () => true;
  if (!text.startsWith('~')) return compileGlobs([text]);
  return compileRegex(text.slice(1));
}

/** RE2's time is linear in the text, whatever the expression: no lookahead and no back reference. */
function compileRegex(source: string): Test {
  const { RE2JS } = loadRe2();
  try {
    const regex = RE2JS.compile(source);
    return (text) => regex.matches(text.slice(0, MAX_SUBJECT));
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '');
    throw new RangeError(`"${source}" is not a regular expression of RE2: ${reason}`, { cause: error });
  }
}

/**
 * Evaluated by the first regular expression: most configurations have none. The bundle has the package, and the bundler knows only this
 * `require`; as modules, in tests, there is none.
 */
function loadRe2(): typeof Re2js {
  if (typeof require === 'undefined') return createRequire(import.meta.url)('re2js') as typeof Re2js;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('re2js') as typeof Re2js;
}
