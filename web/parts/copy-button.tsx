/** Copies a text. */
import type { JSX } from 'preact';

import { say } from './say.ts';

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied, such as `The command`. */
  readonly what: string;
}

export function CopyButton({ text, what }: CopyButtonProps): JSX.Element {
  return (
    <button type="button" class="btn q" onClick={() => void copyText(text, what)}>
      Copy
    </button>
  );
}

/** @param what what is copied, such as `The link` */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} is copied.`);
  } catch {
    // Browsers allow it on https and loopback only.
    prompt(`Copy ${what.toLowerCase()}:`, text);
  }
}
