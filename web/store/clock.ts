/** Time as the agent has it: the reader's clock may be wrong. */

let offsetMs = 0;

/** @param agentNow ms since the Unix epoch, just received */
export function setClock(agentNow: number): void {
  offsetMs = agentNow - Date.now();
}

/** The agent's time, ms since the Unix epoch. */
export function agentTime(): number {
  return Date.now() + offsetMs;
}
