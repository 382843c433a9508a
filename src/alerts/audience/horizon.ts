import { RefusedRequest } from '../control.ts';

/** Nobody remembers a longer one; most are a mistake in the unit. ms. */
const MAX_AHEAD = 5 * 366 * 86_400_000;

/** @throws RefusedRequest for an end of a silence or an acknowledgement that lies more than five years ahead */
export function refuseFarFuture(until: number, now: number): void {
  if (until - now <= MAX_AHEAD) return;
  throw new RefusedRequest('The end is more than five years ahead; it is in milliseconds since 1970');
}
