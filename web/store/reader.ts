/** What the reader is called in the history of alerts: what they typed last, in this browser. */

const KEY = 'healthd.reader';
const UNNAMED = 'page';

export function readerName(): string {
  try {
    return localStorage.getItem(KEY) ?? UNNAMED;
  } catch {
    // Storage is off.
    return UNNAMED;
  }
}

export function rememberReader(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Storage is off: they type it again.
  }
}
