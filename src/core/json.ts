/** For text from outside, which may be anything. @returns undefined if it is not JSON, which has no such value */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
