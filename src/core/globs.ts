import picomatch from 'picomatch';

/** Replaces `/`, which is not a separator in measurements, tag values and labels: `*` must match it. */
const SLASH = '\u0001';

const OPTIONS = {
  dot: true,
  posix: true,
  nonegate: true,
  noextglob: true,
  posixSlashes: false,
  windows: false,
} as const;

/**
 * Compiles patterns into one test: whether any of them matches the whole text. `*`, `?`, `[a-z]`, `[!a-z]` and `{a,b}` are
 * special, slashes and dots are not; a backslash escapes. An empty list matches nothing.
 */
export function compileGlobs(patterns: readonly string[]): (text: string) => boolean {
  const literals = new Set(patterns);
  const globs = patterns.filter((pattern) => /[*?[{\\]/.test(pattern));
  if (globs.length === 0) return (text) => literals.has(text);
  const matchers = globs.map((pattern) => picomatch(pattern.replaceAll('/', SLASH), OPTIONS));
  return (text) => {
    if (literals.has(text)) return true;
    const subject = text.replaceAll('/', SLASH);
    return matchers.some((matches) => matches(subject));
  };
}
