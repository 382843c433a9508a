/** `role=db site=fra1`, as `healthd hub token create --tags` takes them, with spaces or commas between. */

export interface ParsedTags {
  /** Undefined if something is wrong. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly problem?: string;
}

export function parseTags(text: string): ParsedTags {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const pairs = parts.map((part) => /^([^=]+)=(.+)$/.exec(part));
  const bad = parts.find((_, index) => pairs[index] === null);
  if (bad !== undefined) return { problem: `“${bad}” is not like role=db` };
  return { tags: Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''])) };
}
