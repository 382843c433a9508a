/** Time as the agent has it: the reader's clock may be wrong. */

import { signal } from '@preact/signals';

/** A signal: a range that ends now is another one when the clock is known. */
const offsetMs = signal(0);
const JITTER_MS = 200;

/** @param agentNow ms since the Unix epoch, just received */
export function setClock(agentNow: number): void {
  const offset = agentNow - Date.now();
  // What the way takes: it is no reason to draw all charts again.
  if (Math.abs(offset - offsetMs.peek()) > JITTER_MS) offsetMs.value = offset;
}

/** The agent's time, ms since the Unix epoch. */
export function agentTime(): number {
  return Date.now() + offsetMs.value;
}
