import picomatch from 'picomatch';

/** Stands for `/`, which separates nothing in a measurement, a tag value or a label, so `*` must cross it. */
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
 * Compiles patterns once into one test: whether any of them matches the whole text. `*`, `?`, `[a-z]`, `[!a-z]` and
 * `{a,b}` are special, slashes and dots are not; a backslash takes the meaning from what follows it. No patterns match
 * nothing.
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
