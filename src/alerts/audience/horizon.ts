import { RefusedRequest } from '../control.ts';

/** Nobody remembers a longer one; most are a mistake in the unit. ms. */
export const LONGEST_MS = 5 * 366 * 86_400_000;

/** @throws RefusedRequest for an end of a silence or an acknowledgement that lies more than five years ahead */
export function refuseFarFuture(until: number, now: number): void {
  if (until - now <= LONGEST_MS) return;
  throw new RefusedRequest('The end is more than five years ahead (the API takes milliseconds since 1970)');
}
