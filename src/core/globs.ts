/**
 * Globs over names and values: `*`, `?`, `[a-z]`, `[!a-z]` and `{a,b}` are special, everything else is literal (slashes, dots and
 * parentheses too), and a backslash escapes. Matching takes at most pattern × text steps: a star is only ever extended, and no
 * earlier star is tried again, since the last one can take all that the others could.
 */

const STAR = '*';
const ANY = '?';

interface CharacterSet {
  readonly isNegated: boolean;
  /** First and last character of each range. */
  readonly ranges: readonly (readonly [from: string, to: string])[];
}

/** Literal characters are escaped by being in an array, so a star and a literal `*` differ. */
type Token = typeof STAR | typeof ANY | readonly [literal: string] | CharacterSet;

/** Of one pattern, after its braces are expanded. */
const MOST_ALTERNATIVES = 1000;
/** Characters. */
const LONGEST_PATTERN = 1000;

/**
 * Compiles patterns into one test: whether any of them matches the whole text. An empty list matches nothing.
 *
 * @throws RangeError for a pattern of more than 1000 characters, or with more than 1000 alternatives
 */
export function compileGlobs(patterns: readonly string[]): (text: string) => boolean {
  const literals = new Set(patterns);
  const globs = patterns.filter((pattern) => /[*?[{\\]/.test(pattern));
  if (globs.length === 0) return (text) => literals.has(text);
  const compiled = globs.flatMap(alternativesOf).map(tokensOf);
  return (text) => {
    if (literals.has(text)) return true;
    // By characters, so that `?` takes a whole emoji.
    const characters = Array.from(text);
    return compiled.some((tokens) => matches(tokens, characters));
  };
}

function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let [token, at] = [0, 0];
  /** The last star, and where the text goes on after what it takes. */
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const expected = tokens[token];
    if (expected === STAR) {
      star = token;
      resume = at;
      token += 1;
    } else if (expected !== undefined && takes(expected, text[at] ?? '')) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      token = star + 1;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === STAR);
}

function takes(token: Exclude<Token, typeof STAR>, character: string): boolean {
  if (token === ANY) return true;
  if ('ranges' in token) {
    return token.ranges.some(([from, to]) => character >= from && character <= to) !== token.isNegated;
  }
  return token[0] === character;
}

/** Writes `{a,b}` out, from the inside. Braces without a comma, or without an end, are literal. */
function alternativesOf(pattern: string): readonly string[] {
  if (pattern.length > LONGEST_PATTERN)
    throw new RangeError(`A glob has at most ${LONGEST_PATTERN} characters; this one has ${pattern.length}`);
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const brace = firstBrace(next);
    if (brace === undefined) done.push(next);
    else {
      const [before, after] = [next.slice(0, brace.start), next.slice(brace.end + 1)];
      open.push(...brace.choices.map((choice) => before + choice + after));
    }
    if (done.length + open.length > MOST_ALTERNATIVES)
      throw new RangeError(`The glob "${pattern.slice(0, 60)}" means more than ${MOST_ALTERNATIVES} alternatives`);
  }
  return done;
}

interface Brace {
  readonly start: number;
  /** Of the closing brace. */
  readonly end: number;
  readonly choices: readonly string[];
}

/** The first innermost pair of braces with a comma. */
function firstBrace(pattern: string): Brace | undefined {
  let start = -1;
  let cuts: number[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index];
    if (character === '\\') index += 1;
    else if (character === '{') {
      start = index;
      cuts = [];
    } else if (start >= 0 && character === ',') cuts.push(index);
    else if (start >= 0 && character === '}') {
      if (cuts.length > 0) {
        const ends = [...cuts, index];
        return { start, end: index, choices: ends.map((end, at) => pattern.slice((ends[at - 1] ?? start) + 1, end)) };
      }
      start = -1;
    }
  }
  return undefined;
}

function tokensOf(pattern: string): readonly Token[] {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    const set = character === '[' ? setAt(characters, index) : undefined;
    if (set !== undefined) {
      tokens.push(set.set);
      index = set.end;
    } else if (character === '\\' && index + 1 < characters.length) {
      index += 1;
      tokens.push([characters[index] ?? '']);
    } else if (character === STAR) {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else tokens.push(character === ANY ? ANY : [character]);
  }
  return tokens;
}

/** @returns undefined for a bracket without an end, which is literal */
function setAt(
  characters: readonly string[],
  start: number,
): { readonly set: CharacterSet; readonly end: number } | undefined {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  // A bracket at the beginning is a member.
  const end = characters.indexOf(']', first + 1);
  if (end < 0) return undefined;
  const ranges: [string, string][] = [];
  for (let index = first; index < end; index += 1) {
    const from = characters[index] ?? '';
    const isRange = characters[index + 1] === '-' && index + 2 < end;
    ranges.push([from, isRange ? (characters[index + 2] ?? from) : from]);
    if (isRange) index += 2;
  }
  return { set: { isNegated, ranges }, end };
}
