/** Finds secrets in texts. No pattern is made of the secrets: a regular expression of a large one cannot be compiled. */

/** Every secret is looked up by this many of its first characters. */
const HEAD = 3;

/** The start of a secret that was cut off is hidden too, from this length on. Characters. */
const MIN_START = 24;

export interface SecretSearch {
  /** Whether the text contains a secret. */
  test(text: string): boolean;
  /** Replaces every secret, the longest first where several begin at one place. */
  replace(text: string, shown: (secret: string) => string): string;
}

/**
 * A message may quote a part of a secret: the first lines of a key, or what fits. So the beginning of a secret counts as one,
 * if it has at least 24 characters.
 *
 * @param secrets each of at least 3 characters; shorter ones are ignored
 */
export function secretSearch(secrets: Iterable<string>): SecretSearch {
  const byHead = new Map<string, string[]>();
  for (const secret of new Set(secrets)) {
    if (secret.length < HEAD) continue;
    const head = secret.slice(0, HEAD);
    const known = byHead.get(head);
    if (known === undefined) byHead.set(head, [secret]);
    else known.push(secret);
  }

  /** Length of the longest secret, or start of one, at a position; 0 if there is none. */
  const lengthAt = (text: string, from: number): number => {
    const candidates = byHead.get(text.slice(from, from + HEAD)) ?? [];
    return candidates.reduce((longest, secret) => Math.max(longest, matchLength(secret, text, from)), 0);
  };

  return {
    test(text) {
      for (let at = 0; at < text.length; at += 1) if (lengthAt(text, at) > 0) return true;
      return false;
    },
    replace(text, shown) {
      let result = '';
      let copied = 0;
      for (let at = 0; at < text.length;) {
        const length = lengthAt(text, at);
        if (length > 0) {
          result += text.slice(copied, at) + shown(text.slice(at, at + length));
          copied = at + length;
        }
        at += Math.max(1, length);
      }
      return result + text.slice(copied);
    },
  };
}

function matchLength(secret: string, text: string, from: number): number {
  if (text.startsWith(secret, from)) return secret.length;
  if (!text.startsWith(secret.slice(0, MIN_START), from) || secret.length <= MIN_START) return 0;
  let length = MIN_START;
  while (secret.charCodeAt(length) === text.charCodeAt(from + length)) length += 1;
  return length;
}
