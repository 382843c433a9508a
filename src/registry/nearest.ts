/**
 * The candidate that a misspelt word most likely means, or `undefined`. First by edit distance: at most one edit per three
 * letters, at least one; a swap of two neighbours counts as one edit. Otherwise one that the word begins or ends with, or that
 * begins or ends with the word: `elastic` and `elasticsearch`, `prometheus_client` and `prometheus`.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  return fewestEdits(word, all) ?? partOf(word, all);
}

function fewestEdits(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Shorter parts match by chance. */
const MIN_PART = 4;

function partOf(word: string, candidates: readonly string[]): string | undefined {
  const difference = (candidate: string) => Math.abs(candidate.length - word.length);
  return candidates
    .filter((candidate) => {
      const [short = '', long = ''] = [candidate, word].sort((a, b) => a.length - b.length);
      return short.length >= MIN_PART && short !== long && (long.startsWith(short) || long.endsWith(short));
    })
    .sort((a, b) => difference(a) - difference(b))[0];
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, j - 2) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
