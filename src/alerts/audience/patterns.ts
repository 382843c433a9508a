/**
 * How a label is asked for: `a` equals (`*`, `?`, `[a-z]` and `{a,b}` as in file names), `~a` is a regular expression for
 * the whole text, `!` in front turns either round, `*` alone is anything. A list: any of the plain ones, none of those
 * turned round. A label that is missing is the empty text, so `""` is "has none" and `"!"` is "has one".
 */
import { compileGlobs } from '../../core/globs.ts';

export type Pattern = string | readonly string[];
type Test = (text: string) => boolean;

const MAX_LENGTH = 256;
/** What a regular expression is shown of a text: with so few repeats it stays cheap, whatever a tag holds. */
const MAX_SUBJECT = 256;
const MAX_REPEATS = 4;

/** @throws RangeError for a regular expression that is wrong, or may take for ever */
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
  const regex = compileRegex(text.slice(1));
  return (subject) => regex.test(subject.slice(0, MAX_SUBJECT));
}

function compileRegex(source: string): RegExp {
  const regex = parseRegex(source);
  refuseSlow(source);
  return regex;
}

function parseRegex(source: string): RegExp {
  try {
    // Alone first, so that a closing bracket in it cannot end ours.
    return new RegExp(`^(?:${new RegExp(source).source})$`);
  } catch (error) {
    throw new RangeError(`"${source}" is not a regular expression: ${(error as Error).message.replace(/^.*: /, '')}`, {
      cause: error,
    });
  }
}

interface Bracket {
  /** Whether there is a choice of how a text is divided inside. */
  isLoose: boolean;
}

/** Escapes, sets, brackets, choices and repeats; all other characters stand for themselves. */
const TOKENS = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|<[^>]+>|:))?|\)|\||[*+?]\??|\{\d+(?:,\d*)?\}\??/gs;

/** A repeated group with a repeat or a choice in it can take time that grows with a power of two. */
function refuseSlow(source: string): void {
  const open: Bracket[] = [{ isLoose: false }];
  let closed: { readonly bracket: Bracket; readonly end: number } | undefined;
  let repeats = 0;
  for (const { 0: token, index } of source.matchAll(TOKENS)) {
    const inside = open.at(-1) ?? { isLoose: false };
    if (token.startsWith('(')) open.push({ isLoose: false });
    else if (token === ')') closed = { bracket: close(open), end: index + token.length };
    else if (/^[|*+?{]/.test(token)) inside.isLoose = true;
    if (!isRepeat(token)) continue;
    repeats += 1;
    if (closed?.end === index && closed.bracket.isLoose) {
      throw new RangeError(`"${source}" repeats a group that has repeats or choices in it, which can take for ever`);
    }
  }
  if (repeats > MAX_REPEATS) throw new RangeError(`"${source}" has more than ${MAX_REPEATS} repeats`);
}

/** What is loose in a group is loose in the one around it. */
function close(open: Bracket[]): Bracket {
  const closed = open.pop() ?? { isLoose: false };
  const outer = open.at(-1);
  if (outer !== undefined && closed.isLoose) outer.isLoose = true;
  return closed;
}

/** `?` and `{1}` are none. */
function isRepeat(token: string): boolean {
  return /^[*+{]/.test(token) && !/^\{[01]\}/.test(token) && !/^\{0,1\}/.test(token);
}
