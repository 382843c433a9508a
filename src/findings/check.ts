/** A kind of trouble that is looked for when somebody asks. */
import type { Finding } from '../api/host.ts';
import { oneLine, truncate } from '../plugin/message-text.ts';

export interface Check {
  /** For logs. */
  readonly name: string;
  /**
   * @param now ms since the Unix epoch
   * @returns undefined where it cannot be told: no systemd, no history. Such a check does not count as passed
   * @throws what has failed; the other checks go on
   */
  run(now: number, signal: AbortSignal): Promise<readonly Finding[] | undefined> | readonly Finding[] | undefined;
}

const MOST_CHARACTERS = 200;

/** A name in a sentence, as the system writes it. */
export function named(text: string): { readonly name: string } {
  return { name: bounded(text) };
}

/** Text from outside: one line of bounded length. */
export function bounded(text: string): string {
  return truncate(oneLine(text), MOST_CHARACTERS);
}

/** Parts of an evidence line. Empty ones are left out. */
export function evidence(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** `12,400 lines`, `1 line`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
