/** A sentence in which names stand out. */
import type { JSX } from 'preact';

import type { Sentence } from '../api/answers.ts';

export function SentenceText({ of }: { of: Sentence }): JSX.Element {
  return <>{of.map((part, index) => (typeof part === 'string' ? keptUnits(part) : <b key={index}>{part.name}</b>))}</>;
}

export function plainText(of: Sentence): string {
  return of.map((part) => (typeof part === 'string' ? part : part.name)).join('');
}

/** A unit stays in the line of its number. */
export function keptUnits(text: string): string {
  return text.replace(/(\d) (%|°C|[KMGTP]?i?B(?:\/s)?|ms|s|min|h|d)(?![\w])/g, '$1\u00a0$2');
}
