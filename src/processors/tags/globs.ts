/** Stands for `/`, which separates nothing in a tag key, so that `*` crosses it. */
const SLASH = '\u0001';

/** Whether a text matches at least one of the patterns. The pattern package is loaded only if there is a pattern. */
export async function compileGlobs(patterns: readonly string[]): Promise<(text: string) => boolean> {
  if (patterns.length === 0) return () => false;
  const { default: picomatch } = await import('picomatch');
  const options = { dot: true, nonegate: true, noextglob: true, posixSlashes: false, windows: false };
  const matches = picomatch(
    patterns.map((pattern) => pattern.replaceAll('/', SLASH)),
    options,
  );
  return (text) => matches(text.replaceAll('/', SLASH));
}
