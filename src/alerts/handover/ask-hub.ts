/** Asks a hub what it knows of an alert. */
import { whyAnswer } from '../../api/why.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { AlertLink } from '../../host/hub/alert-desk.ts';
import { rejectionOf } from '../../host/deadline.ts';
import type { OfHub } from '../why/why.ts';

/** Somebody waits for the answer. ms. */
const PATIENCE_MS = 4000;
const MOST_ERROR = 500;

/** Never rejects: that the hub does not answer is an answer. */
export async function askHub(
  link: AlertLink | undefined,
  fingerprint: string,
  clock: Clock,
): Promise<OfHub | undefined> {
  if (link === undefined) return undefined;
  if (link.why === undefined) return { error: 'this link cannot ask' };
  try {
    const answer = await Promise.race([link.why(fingerprint), rejectionOf(clock.signal(PATIENCE_MS))]);
    const parsed = whyAnswer.safeParse(answer);
    return parsed.success ? { answer: parsed.data } : { error: 'its answer is not one of a hub' };
  } catch (error) {
    return { error: describeError(error).slice(0, MOST_ERROR) };
  }
}
